/** Training on our own kernels, and on TF.js WASM with our gradient kernels, against the plain JavaScript backend with TF.js' own. */
import { expect, it } from 'vitest';
import { startBackend } from '../runtime/backends.ts';
import { partedBy, trainTiny } from '../testing/tiny-training.ts';

it.each(['labels', 'features', 'attention'] as const)('learning from %s takes the same steps on all', async (taught) => {
  await startBackend('cpu');
  const plain = await trainTiny(taught);
  expect(plain.losses).toHaveLength(5);
  expect(plain.losses[4]).toBeLessThan(plain.losses[0] as number);
  for (const backend of ['wasm', 'simd'] as const) {
    await startBackend(backend);
    const fast = await trainTiny(taught);
    fast.losses.forEach((loss, step) => {
      expect(Math.abs(loss / (plain.losses[step] as number) - 1)).toBeLessThan(1e-4);
    });
    expect(partedBy(plain, fast)).toBeLessThan(1e-4);
  }
});
