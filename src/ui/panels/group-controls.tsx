/** What a step that removes channels may do to one group: keep it whole, or take a share of its own. */
import type { DescribedGroup } from '../../engine/structure/describe-groups.ts';
import * as numbers from '../i18n/numbers.ts';
import { Slider } from '../parts/slider.tsx';
import { expectedDrop, rankingKey, useChannels } from '../state/channels.ts';
import { groupRatioOf, setGroupProtected, setGroupRatios } from '../state/group-edits.ts';
import { commitRecipe, previewRecipe, useRecipe } from '../state/recipe.ts';
import { globsOf } from '../state/recipe-edits.ts';
import { couplingWords } from './coupling-words.ts';

interface Props {
  readonly group: DescribedGroup;
  /** Place of the step in the recipe. */
  readonly index: number;
}

export function GroupControls({ group, index }: Props) {
  const step = useRecipe((state) => state.recipe.steps[index]);
  if (step === undefined) return null;
  const { makers, held } = group;
  const kept = makers.some((layer) => globsOf(step, 'except').includes(layer));
  return (
    <div className="group-controls">
      <label className="switch">
        <span>{couplingWords('protect')}</span>
        <input
          type="checkbox"
          checked={kept}
          onChange={(event) => commitRecipe(setGroupProtected(index, makers, event.currentTarget.checked))}
        />
      </label>
      {!kept && held !== undefined && <p className="quiet-text">{couplingWords('held', { layer: held })}</p>}
      {!kept && held === undefined && <OwnShare group={group} index={index} own={groupRatioOf(step, makers)} />}
    </div>
  );
}

/** The slider says what goes now; moved, it becomes the group's own share. */
function OwnShare({ group, index, own }: Props & { readonly own: number | undefined }) {
  const { makers, channels, removed } = group;
  const set = (ratio: number | undefined) => setGroupRatios(index, [[makers, ratio]]);
  const text = (ratio: number) =>
    couplingWords('share.value', { share: `${numbers.setting(100 * ratio, 1)}\u00a0%`, gone: removed.length, n: channels });
  return (
    <>
      <Slider
        label={couplingWords('share')}
        min={0}
        max={0.95}
        step={0.01}
        value={own ?? Math.round((100 * removed.length) / channels) / 100}
        text={text}
        onPreview={(ratio) => previewRecipe(set(ratio))}
        onCommit={(ratio) => commitRecipe(set(ratio))}
      />
      <Expected group={group} />
      {own !== undefined && (
        <button type="button" className="link" onClick={() => commitRecipe(set(undefined))}>
          {couplingWords('follow')}
        </button>
      )}
    </>
  );
}

/** What the table of channels says of the share that goes now; nothing where it was not measured. */
function Expected({ group: { makers, removed, channels } }: Pick<Props, 'group'>) {
  const { table, cells, key } = useChannels((state) => state);
  const fits = useRecipe((state) => rankingKey(state.recipe) === key);
  const at = table?.groups.findIndex((one) => one.makers.join() === makers.join()) ?? -1;
  const drop = fits ? expectedDrop(cells[at] ?? [], removed.length / channels) : undefined;
  if (drop === undefined) return null;
  return <p className="quiet-text">{couplingWords('expected', { points: numbers.decimal(Math.round(100 * drop) / 100) })}</p>;
}
