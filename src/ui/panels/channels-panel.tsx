/** The channels tab: what each group alone loses as a heat map, a saving shared out by it, and a share found by the clock. */
import '../styles/channels.css';
import { channelShares } from '../../engine/search/shares.ts';
import { ChannelHeat, pointsOf } from '../charts/channel-heat.tsx';
import { findSpeed, measureTable, shareOut } from '../flows/channels.ts';
import { useFollowedGroups } from '../flows/coupling.ts';
import * as numbers from '../i18n/numbers.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { Slider } from '../parts/slider.tsx';
import { channelsStore, expectedDrop, rankingKey, useChannels } from '../state/channels.ts';
import { useCoupling } from '../state/coupling.ts';
import { setGroupRatios } from '../state/group-edits.ts';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { addStep } from '../state/recipe-edits.ts';
import { useSession } from '../state/session.ts';
import { selectLayer } from '../state/view.ts';
import { channelsWords } from './channels-words.ts';

export function ChannelsPanel() {
  useFollowedGroups();
  const model = useSession((state) => state.model?.handle);
  const coupling = useCoupling((state) => (state.model === model ? state : null));
  const open = coupling?.groups.some(({ protection, held }) => protection === undefined && held === undefined) === true;
  if (coupling === null) return null;
  if (coupling.step === null) {
    return (
      <div className="channels-none">
        <p className="quiet-text">{channelsWords('none')}</p>
        <button type="button" className="button plain" onClick={() => commitRecipe(addStep({ use: 'prune/channels' }))}>
          {channelsWords('add')}
        </button>
        <ProblemNote place="layer" />
      </div>
    );
  }
  return (
    <div className="channels">
      {open ? <Goals /> : <p className="quiet-text">{channelsWords('nothing')}</p>}
      <ProblemNote place="layer" />
      {open && <Table index={coupling.step} />}
    </div>
  );
}

/** Two ways to say how much goes: by the work that it saves, and by the time. */
function Goals() {
  const { target, wanted, running, table, cells } = useChannels((state) => state);
  const known = cells.some((row) => row.length > 0);
  return (
    <div className="channel-goals">
      <div className="channel-goal">
        <Slider
          label={channelsWords('target')}
          min={0.05}
          max={0.95}
          step={0.05}
          value={target}
          text={(share) => `${numbers.setting(100 * share, 1)}\u00a0%`}
          onPreview={(share) => channelsStore.setState({ target: share })}
          onCommit={(share) => channelsStore.setState({ target: share })}
        />
        <button
          type="button"
          className="button plain"
          disabled={table === null || !known || running !== null}
          onClick={() => void shareOut()}
        >
          {channelsWords('share-out')}
        </button>
        <Shared />
      </div>
      <form
        className="channel-goal"
        onSubmit={(event) => {
          event.preventDefault();
          void findSpeed();
        }}
      >
        <label className="field">
          <span>{channelsWords('wanted')}</span>
          <input
            type="number"
            min={1.05}
            max={20}
            step={0.05}
            required
            value={wanted}
            onChange={(event) => {
              const value = event.currentTarget.valueAsNumber;
              if (Number.isFinite(value)) channelsStore.setState({ wanted: value });
            }}
          />
        </label>
        <button type="submit" className="button plain" disabled={running !== null}>
          {channelsWords('find')}
        </button>
        <Found />
      </form>
    </div>
  );
}

function Shared() {
  const allocation = useChannels((state) => state.allocation);
  const { table, cells } = useChannels((state) => state);
  if (allocation === null || table === null) return <p className="quiet-text">{channelsWords('share-out.about')}</p>;
  const drops = allocation.shares.map(({ makers, share }) => {
    const at = table.groups.findIndex((group) => group.makers.join() === makers.join());
    return expectedDrop(cells[at] ?? [], share) ?? 0;
  });
  const points = pointsOf(Math.max(0, ...drops));
  const saved = numbers.percent(allocation.saved);
  const words = allocation.reached ? channelsWords('shared', { saved, points }) : channelsWords('short', { saved });
  return (
    <p className="quiet-text" role="status">
      {words}
    </p>
  );
}

function Found() {
  const speed = useChannels((state) => state.speed);
  if (speed === null) return <p className="quiet-text">{channelsWords('find.about')}</p>;
  const { point, fastest, wanted } = speed;
  const words =
    point === null
      ? channelsWords('too-slow', { wanted: numbers.times(wanted), fastest: numbers.times(fastest) })
      : channelsWords('found', {
          share: `${numbers.setting(100 * point.ratio, 1)}\u00a0%`,
          faster: numbers.times(point.faster),
          range: point.interval?.map(numbers.times).join('–') ?? '?',
          n: point.pairs,
        });
  return (
    <p className="quiet-text" role="status">
      {words}
    </p>
  );
}

function Table({ index }: { readonly index: number }) {
  const { table, cells, running, key } = useChannels((state) => state);
  const groups = useCoupling((state) => state.groups);
  const stale = useRecipe((state) => table !== null && rankingKey(state.recipe) !== key);
  const measuring = running?.work === 'table';
  const known = cells.flat().length;
  const all = (table?.groups.length ?? 0) * channelShares.length;
  const takenOf = (makers: readonly string[]) => {
    const group = groups.find((one) => one.makers.join() === makers.join());
    return group === undefined ? 0 : group.removed.length / group.channels;
  };
  const makersAt = (row: number) => table?.groups[row]?.makers ?? [];
  return (
    <>
      <div className="channels-line">
        {measuring ? (
          <button type="button" className="button quiet" onClick={running.cancel}>
            {channelsWords('cancel')}
          </button>
        ) : (
          (table === null || stale || known < all) && (
            <button type="button" className="button plain" disabled={running !== null} onClick={() => void measureTable()}>
              {channelsWords(known > 0 && !stale ? 'measure.on' : 'measure')}
            </button>
          )
        )}
        <p className="quiet-text">
          {table === null
            ? channelsWords('about')
            : channelsWords(`scored.${table.score}`, { n: numbers.count(table.samples), known, all })}
          {table?.synthetic === true && ` ${channelsWords('synthetic')}`}
          {stale && ` ${channelsWords('stale')}`}
        </p>
      </div>
      {table !== null && (
        <ChannelHeat
          rows={table.groups.map(({ makers, channels }, at) => ({
            name: makers.join(' + '),
            channels,
            cells: cells[at] ?? [],
            taken: takenOf(makers),
          }))}
          shares={channelShares}
          onLook={(row) => selectLayer(makersAt(row)[0] ?? null)}
          onTake={(row, share) => commitRecipe(setGroupRatios(index, [[makersAt(row), share]]))}
        />
      )}
    </>
  );
}
