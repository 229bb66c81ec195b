/** Training on TF.js WASM with our gradient kernels against the plain JavaScript backend with TF.js' own. */
import { expect, it } from 'vitest';
import { startBackend } from '../runtime/backends.ts';
import { partedBy, trainTiny } from '../testing/tiny-training.ts';

it.each(['train/fine-tune', 'distill/features', 'distill/attention'] as const)('%s takes the same steps on both', async (use) => {
  await startBackend('cpu');
  const plain = await trainTiny(use);
  await startBackend('wasm');
  const fast = await trainTiny(use);
  expect(plain.losses).toHaveLength(5);
  expect(plain.losses[4]).toBeLessThan(plain.losses[0] as number);
  fast.losses.forEach((loss, step) => {
    expect(Math.abs(loss / (plain.losses[step] as number) - 1)).toBeLessThan(1e-4);
  });
  expect(partedBy(plain, fast)).toBeLessThan(1e-4);
});
