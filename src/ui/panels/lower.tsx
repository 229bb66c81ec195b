/** Below the wall and the chart: what there is to look up, a tab each. A tab's code is loaded when it is opened, but for the layers. */
import type { ComponentType } from 'react';
import { type PlainKey, t } from '../i18n/translate.ts';
import { lazyPart } from '../parts/lazy-part.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { type LowerTab, useView, view } from '../state/view.ts';
import { LayerTable } from './layer-table.tsx';

const TrainingPanel = lazyPart(() => import('./training-panel.tsx').then((module) => module.TrainingPanel));
const WhyPanel = lazyPart(() => import('./why-panel.tsx').then((module) => module.WhyPanel));

interface Entry {
  readonly id: LowerTab;
  readonly title: PlainKey;
  readonly Panel: ComponentType;
}

const ChannelsPanel = lazyPart(() => import('./channels-panel.tsx').then((module) => module.ChannelsPanel));
const RunsTab = lazyPart(() => import('./runs-tab.tsx').then((module) => module.RunsTab));

const entries: readonly [Entry, ...Entry[]] = [
  { id: 'layers', title: 'layers.title', Panel: LayerTable },
  { id: 'channels', title: 'channels.tab', Panel: ChannelsPanel },
  { id: 'runs', title: 'runs.tab', Panel: RunsTab },
  { id: 'why', title: 'lower.why', Panel: WhyPanel },
  { id: 'training', title: 'training.title', Panel: TrainingPanel },
];

export function Lower() {
  const current = useView((state) => state.lower);
  const { id, title, Panel } = entries.find((entry) => entry.id === current) ?? entries[0];
  return (
    <section className="lower" aria-label={t(title)} data-tab={id}>
      {entries.length > 1 && (
        <Tabs
          label={t('lower.title')}
          tabs={entries.map((entry) => ({ id: entry.id, title: t(entry.title) }))}
          current={id}
          onChoose={(lower) => view.setState({ lower })}
          panel="lower-panel"
        />
      )}
      <div
        id="lower-panel"
        className="lower-panel"
        {...(entries.length > 1 && { role: 'tabpanel', 'aria-labelledby': `tab-${id}` })}
      >
        <Panel />
      </div>
    </section>
  );
}
