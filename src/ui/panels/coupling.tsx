/** Which layers share a layer's channels, so that these only go everywhere at once, and which of them go; the same layers are marked in the table. */
import '../styles/coupling.css';
import type { DescribedGroup } from '../../engine/structure/describe-groups.ts';
import { ChannelBars } from '../charts/channel-bars.tsx';
import { useFollowedGroups } from '../flows/coupling.ts';
import { count } from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { groupOf, useCoupling } from '../state/coupling.ts';
import { commitRecipe } from '../state/recipe.ts';
import { addStep } from '../state/recipe-edits.ts';
import { useSession } from '../state/session.ts';
import { selectLayer } from '../state/view.ts';
import { couplingWords } from './coupling-words.ts';
import { GroupControls } from './group-controls.tsx';

export function Coupling({ layer }: { readonly layer: string }) {
  useFollowedGroups();
  const model = useSession((state) => state.model?.handle);
  const coupling = useCoupling((state) => state);
  const group = coupling.model === model ? groupOf(coupling.groups, layer) : undefined;
  if (group === undefined) return null;
  const open = group.protection === undefined;
  return (
    <section className="coupling" aria-label={couplingWords('title')}>
      <h3>{couplingWords('title')}</h3>
      <p className="quiet-text">
        {group.protection === undefined
          ? couplingWords('about', { n: count(group.channels) })
          : couplingWords(`protected.${group.protection}`)}
      </p>
      <Members group={group} layer={layer} />
      {open && coupling.step === null && (
        <button type="button" className="button quiet" onClick={() => commitRecipe(addStep({ use: 'prune/channels' }))}>
          {couplingWords('prune')}
        </button>
      )}
      {open && coupling.step !== null && <GroupControls group={group} index={coupling.step} />}
      <ChannelBars group={group} measure={measureOf(coupling.byData ? 'l2' : coupling.importance)} />
      {coupling.byData && group.removed.length > 0 && <p className="quiet-text">{couplingWords('by-data')}</p>}
    </section>
  );
}

const measureOf = (importance: string): string =>
  couplingWords('measure', { importance: tOr(`option.importance.${importance}`, importance) });

function Members({ group, layer }: { readonly group: DescribedGroup; readonly layer: string }) {
  const layers = new Map(
    // A layer that makes channels passes them through its bias, too.
    group.members.map(({ layer: name, use }) => [name, group.makers.includes(name) ? ('makes' as const) : use]),
  );
  return (
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
  );
}

const rolesIn = (members: readonly { readonly layer: string; readonly role: string }[], layer: string): string =>
  [...new Set(members.filter((one) => one.layer === layer).map(({ role }) => tOr(`role.${role}`, role)))].join(', ');
