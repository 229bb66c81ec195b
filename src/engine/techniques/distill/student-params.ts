/** What a student can be told: how wide, of which convolutions, and what it begins with. */
import * as v from 'valibot';
import { choiceParam, numberParam, switchParam } from '../../params.ts';

export const studentParams = v.strictObject({
  width: numberParam({ title: 'Width', fallback: 0.5, min: 0.25, max: 1, step: 0.05 }),
  separable: switchParam({ title: 'Depthwise-separable convolutions', fallback: false }),
  weights: choiceParam({ title: 'Weights to begin with', fallback: 'glorot', options: ['glorot', 'he', 'original'] }),
});

export type StudentParams = v.InferOutput<typeof studentParams>;

const fewest = 4;
const many = 32;

/** Channels of a student's layer that had `channels`: at least four, from 32 on a multiple of four, never more than before. */
export function narrowed(channels: number, width: number): number {
  if (width >= 1) return channels;
  const exact = Math.max(fewest, width * channels);
  return Math.min(channels, exact < many ? Math.round(exact) : 4 * Math.round(exact / 4));
}
