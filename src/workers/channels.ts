/**
 * Channels, in the worker: what goes together, what each group alone loses, and what follows from that. The table is measured cell by cell,
 * each in a turn of its own at the device, so that runs and previews come in between; figures are kept with the model.
 */
import {
  allocateChannels,
  type ChannelTable,
  type Context,
  channelShares,
  createRng,
  describeGroups,
  findChannelSpeed,
  prepareChannelTable,
  splitDataset,
} from '../engine/index.ts';
import type { EngineApi } from './api.ts';
import type { Device } from './device.ts';
import { createReporter } from './progress.ts';
import { modelNamed, type Session } from './session.ts';
import { namedData } from './sharing.ts';

type ChannelCalls = Pick<EngineApi, 'channelGroups' | 'channelTable' | 'allocateChannels' | 'channelSpeed'>;

const contextOf = (signal: AbortSignal, report: Context['report'] = () => {}): Context => ({ signal, report, rng: createRng(7) });

/** Coarse first, so that the picture is there early. */
const order: readonly number[] = [0.5, 0.9, 0.3, 0.7, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95].filter((share) =>
  channelShares.includes(share),
);

export function createChannelsDesk(session: Session, device: Device): ChannelCalls {
  return {
    async channelGroups(handle, recipe) {
      return describeGroups(modelNamed(session, handle).model, recipe);
    },
    async channelTable({ model: handle, data, training: learning, recipe }, onEvent, signal) {
      const { model, channelCells: cells } = modelNamed(session, handle);
      const source = namedData(session, data);
      const own = namedData(session, learning);
      const preprocessing = source?.preprocessing ?? 'raw';
      const key = source === null ? 'synthetic' : `${source.id} ${preprocessing}`;
      const prepare = (): Promise<ChannelTable | null> =>
        prepareChannelTable({
          model,
          recipe,
          dataset: source && splitDataset(source.dataset).explore,
          preprocessing,
          ...(own && { training: { dataset: own.dataset, preprocessing, id: `${own.id} (${preprocessing})` } }),
          cache: { cells, key },
          context: contextOf(signal),
        });
      const table = await device.use(signal, prepare);
      if (table === null) return;
      const { groups, score, samples, synthetic } = table;
      onEvent({ kind: 'opened', groups, score, samples, synthetic });
      for (const share of order) {
        for (const group of groups.keys()) {
          const cell = await device.use(signal, () => table.measure(group, share, { signal }));
          onEvent({ kind: 'cell', group, cell });
        }
      }
    },
    async allocateChannels(handle, recipe, table, target) {
      return allocateChannels(modelNamed(session, handle).model, recipe, table, target);
    },
    async channelSpeed({ model: handle, data, recipe, step, wanted }, onEvent, signal) {
      const { model } = modelNamed(session, handle);
      const source = namedData(session, data);
      const { report } = createReporter(onEvent);
      return device.use(signal, () =>
        findChannelSpeed({
          model,
          recipe,
          step,
          wanted,
          dataset: source?.dataset ?? null,
          preprocessing: source?.preprocessing ?? 'raw',
          context: contextOf(signal, report),
        }),
      );
    },
  };
}
