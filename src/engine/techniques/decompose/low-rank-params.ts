/** What a low-rank decomposition can be told. */
import * as v from 'valibot';
import { choiceParam, numberParam } from '../../params.ts';

export const lowRankParams = v.strictObject({
  keep: numberParam({ title: 'Share kept', fallback: 0.5, min: 0.05, max: 1, step: 0.01 }),
  of: choiceParam({ title: 'Share of', fallback: 'parameters', options: ['parameters', 'macs', 'rank', 'energy'] }),
  form: choiceParam({ title: 'Convolutions become', fallback: 'channel', options: ['channel', 'spatial'] }),
});

export type LowRankParams = v.InferOutput<typeof lowRankParams>;
