/**
 * Quantization: codes and values of int8 per channel (the default recipe) against a plain copy, `new Float32Array(n).set(weights)`, of the
 * same weights, alternating in one process. Both results are kept, as a model keeps them, so that both pay for fresh memory, which
 * is most of either's time. A copy into memory that exists already and is warm in the cache is told beside it.
 */
import { createRng } from '../src/engine/math/rng.ts';
import { type AffineOptions, codeAffine } from '../src/engine/techniques/quantize/affine-codes.ts';
import type { Bench } from './run.ts';

const shape = [3, 3, 512, 768];
const runsPerSeed = 12;

const options: AffineOptions = {
  bits: 8,
  symmetric: true,
  narrow: true,
  axis: 3,
  range: 'min-max',
  percentile: 100,
  holdsZero: false,
};

/** Milliseconds of processor time, which other processes on the machine do not lengthen. */
function time(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

export const bench: Bench = {
  name: 'quantize',
  summary: 'int8 per channel of 3.5 M weights against a copy of them',
  async run({ seeds }) {
    const elements = shape.reduce((product, size) => product * size, 1);
    const times: { quantize: number; copy: number; warmCopy: number }[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const rng = createRng(seed);
      const weights = Float32Array.from({ length: elements }, () => (rng.next() - 0.5) * 0.1);
      const warm = new Float32Array(elements);
      const kept: unknown[] = [];
      for (let run = -2; run < runsPerSeed; run++) {
        const measured = {
          quantize: time(() => kept.push(codeAffine(weights, shape, options))),
          copy: time(() => {
            const copy = new Float32Array(elements);
            copy.set(weights);
            kept.push(copy);
          }),
          warmCopy: time(() => warm.set(weights)),
        };
        if (run >= 0) times.push(measured);
      }
    }
    const total = (key: keyof (typeof times)[number]) => times.reduce((sum, run) => sum + run[key], 0);
    const speed = (key: keyof (typeof times)[number]) => (elements * times.length) / 1000 / total(key);
    const ofCopy = total('copy') / total('quantize');
    return {
      bench: 'quantize',
      ratio: ofCopy / 0.5,
      target: 'int8 per channel at half the speed of a TypedArray.set copy',
      shareOfCopy: ofCopy,
      shareOfWarmCopy: total('warmCopy') / total('quantize'),
      quantizeMweightsPerSecond: speed('quantize'),
      copyMweightsPerSecond: speed('copy'),
      warmCopyMweightsPerSecond: speed('warmCopy'),
      runs: times.length,
    };
  },
};
