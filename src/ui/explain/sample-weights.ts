/** Forty-eight weights as trained layers have them, near a normal distribution, the same on every visit. */
import { createRng } from '../../engine/math/rng.ts';

const rng = createRng(11);

/** Two uniform numbers make one of a normal distribution (Box & Muller 1958). */
const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());

export const sampleWeights: readonly number[] = Array.from({ length: 48 }, () => Math.max(-1, Math.min(1, normal() * 0.38)));
export const sampleLow = Math.min(...sampleWeights);
export const sampleHigh = Math.max(...sampleWeights);
