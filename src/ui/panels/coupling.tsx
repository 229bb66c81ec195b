/** Which layers share a layer's channels, so that these only go everywhere at once; the same layers are marked in the table. */
import { useEffect } from 'react';
import type { ModelHandle } from '../../workers/api.ts';
import { count } from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { couplingStore, groupOf, useCoupling } from '../state/coupling.ts';
import { engine } from '../state/engine.ts';
import { showProblem } from '../state/problems.ts';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { addStep } from '../state/recipe-edits.ts';
import { session, useSession } from '../state/session.ts';
import { selectLayer } from '../state/view.ts';
import { couplingWords } from './coupling-words.ts';

export function Coupling({ layer }: { readonly layer: string }) {
  const model = useSession((state) => state.model?.handle);
  const groups = useCoupling((state) => (state.model === model ? state.groups : null));
  useEffect(() => {
    if (model !== undefined) void loadGroups(model);
  }, [model]);
  const prunes = useRecipe((state) => state.recipe.steps.some(({ use }) => use === 'prune/channels'));
  const group = groups === null ? undefined : groupOf(groups, layer);
  if (group === undefined) return null;
  const layers = new Map(
    // A layer that makes channels passes them through its bias, too.
    group.members.map(({ layer: name, use }) => [name, group.makers.includes(name) ? ('makes' as const) : use]),
  );
  return (
    <section className="coupling" aria-label={couplingWords('title')}>
      <h3>{couplingWords('title')}</h3>
      <p className="quiet-text">
        {group.protection === undefined
          ? couplingWords('about', { n: count(group.channels) })
          : couplingWords(`protected.${group.protection}`)}
      </p>
      <Bars values={group.importance} />
      <ul>
        {[...layers].map(([name, use]) => (
          <li key={name}>
            <button type="button" className="link" translate="no" disabled={name === layer} onClick={() => selectLayer(name)}>
              {name}
            </button>
            <span className="quiet-text">
              {couplingWords(`use.${use}`)} · {rolesIn(group.members, name)}
            </span>
          </li>
        ))}
      </ul>
      {!prunes && group.protection === undefined && (
        <button type="button" className="button quiet" onClick={() => commitRecipe(addStep({ use: 'prune/channels' }))}>
          {couplingWords('prune')}
        </button>
      )}
    </section>
  );
}

const rolesIn = (members: readonly { readonly layer: string; readonly role: string }[], layer: string): string =>
  [...new Set(members.filter((one) => one.layer === layer).map(({ role }) => tOr(`role.${role}`, role)))].join(', ');

/** More bars than this are too thin to see. */
const most = 128;

function Bars({ values }: { readonly values: readonly number[] }) {
  const shown =
    values.length <= most ? values : Array.from({ length: most }, (_, i) => values[Math.floor((i * values.length) / most)] ?? 0);
  const largest = shown[0] ?? 1;
  const label = couplingWords('importance');
  return (
    <svg className="coupling-bars" viewBox={`0 0 ${shown.length} 1`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {shown.map((value, at) => {
        const height = largest === 0 ? 0 : value / largest;
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place in the order
        return <rect key={at} x={at + 0.1} y={1 - height} width={0.8} height={height} />;
      })}
    </svg>
  );
}

async function loadGroups(model: ModelHandle): Promise<void> {
  if (couplingStore.getState().model === model) return;
  try {
    const groups = await engine().channelGroups(model);
    if (session.getState().model?.handle === model) couplingStore.setState({ model, groups });
  } catch (thrown) {
    if (session.getState().model?.handle === model) showProblem('layer', thrown);
  }
}
