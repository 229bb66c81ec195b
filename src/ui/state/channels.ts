/** What each group of channels loses alone, as far as it is known, and what was found by it. It belongs to one model, its data and one way of ranking. */
import { createStore } from 'zustand/vanilla';
import type { Recipe } from '../../engine/recipe.ts';
import type { Allocation } from '../../engine/search/allocate-channels.ts';
import type { SpeedPoint } from '../../engine/search/channel-speed.ts';
import type { ChannelCell } from '../../engine/search/channel-table.ts';
import type { ChannelTableEvent, RunEvent } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export type OpenedTable = Omit<Extract<ChannelTableEvent, { kind: 'opened' }>, 'kind'>;

export interface ChannelsState {
  readonly running: { readonly work: 'table' | 'speed'; readonly event: RunEvent | null; readonly cancel: () => void } | null;
  /** What the figures rest on (`rankingKey`). */
  readonly key: string;
  readonly table: OpenedTable | null;
  /** Known cells of each group, ascending by share. */
  readonly cells: readonly (readonly ChannelCell[])[];
  /** Share of the work to be saved, 0–1. */
  readonly target: number;
  readonly allocation: (Allocation & { readonly target: number }) | null;
  /** Times as fast. */
  readonly wanted: number;
  /** What was found for a wish of speed; a null point: nothing was fast enough. */
  readonly speed: { readonly wanted: number; readonly point: SpeedPoint | null; readonly fastest: number } | null;
}

export const noChannels = { running: null, key: '', table: null, cells: [], allocation: null, speed: null } as const;

export const channelsStore = createStore<ChannelsState>()(() => ({ target: 0.5, wanted: 1.3, ...noChannels }));
export const useChannels = bind(channelsStore);

export const isChannelStep = ({ use }: Recipe['steps'][number]): boolean => use === 'prune/channels';

/** What figures of a table depend on: how the step ranks, repairs and rounds, which layers it means, and the steps before it. */
export function rankingKey({ seed, steps }: Recipe): string {
  const at = steps.findIndex(isChannelStep);
  const { ratio: _, of: _of, ranking: _ranking, layers: _layers, rounds: _rounds, ...rest } = steps[at] ?? { use: '' };
  const before = steps.slice(0, Math.max(0, at)).filter(({ use }) => !use.startsWith('quantize/') && !use.startsWith('prune/'));
  return JSON.stringify([seed, rest, before]);
}

/** A cell among those of its group. */
export const withCell = (cells: readonly ChannelCell[], cell: ChannelCell): ChannelCell[] =>
  [...cells.filter(({ share }) => share !== cell.share), cell].sort((a, b) => a.share - b.share);

/** What a share of a group is expected to lose alone, in points: between the measured shares along a line; undefined where too little is known. */
export function expectedDrop(cells: readonly ChannelCell[], share: number): number | undefined {
  const known = [{ share: 0, dropPoints: 0 }, ...cells];
  const above = known.find((cell) => cell.share >= share);
  const below = known.findLast((cell) => cell.share <= share);
  if (above === undefined || below === undefined || cells.length === 0) return undefined;
  const part = above.share === below.share ? 0 : (share - below.share) / (above.share - below.share);
  return below.dropPoints + part * (above.dropPoints - below.dropPoints);
}
