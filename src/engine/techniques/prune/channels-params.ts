/** What removing channels can be told. */
import * as v from 'valibot';
import { choiceParam, integerParam, numberParam } from '../../params.ts';

export const importances = ['l2', 'l1', 'bn-scale', 'median', 'activation', 'taylor', 'random'] as const;

export const channelsParams = v.strictObject({
  ratio: numberParam({ title: 'Share removed', fallback: 0.3, min: 0, max: 0.95, step: 0.01 }),
  of: choiceParam({ title: 'Share of', fallback: 'macs', options: ['macs', 'parameters', 'bytes', 'channels'] }),
  importance: choiceParam({ title: 'Importance', fallback: 'l2', options: importances }),
  ranking: choiceParam({ title: 'Ranked', fallback: 'global', options: ['global', 'layer'] }),
  repair: choiceParam({ title: 'Repair from data', fallback: 'least-squares', options: ['none', 'means', 'least-squares'] }),
  rounds: integerParam({ title: 'Rounds of removal and repair', fallback: 1, min: 1, max: 10, more: true }),
  cap: numberParam({ title: 'Most taken from a group', fallback: 0.9, min: 0.1, max: 0.95, step: 0.05, more: true }),
  roundTo: integerParam({
    title: 'Channels kept in multiples of',
    fallback: 1,
    min: 1,
    max: 16,
    values: [1, 2, 4, 8, 16],
    more: true,
  }),
  seed: integerParam({ title: 'Seed of a random order', fallback: 1, min: 1, max: 99, more: true }),
});

export type ChannelsParams = v.InferOutput<typeof channelsParams>;
