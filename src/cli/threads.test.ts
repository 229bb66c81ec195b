import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { trainingStep } from '../../bench/train-step.ts';
import { createPredictor, startBackend } from '../engine/index.ts';
import { createRng } from '../engine/math/rng.ts';
import { stopBackend } from '../engine/runtime/backends.ts';
import type { SimdBackend } from '../engine/runtime/simd/backend.ts';
import { binary } from '../engine/runtime/simd/kernels/elementwise.ts';
import { smallModel } from '../engine/testing/small-model.ts';
import { configureThreads } from './threads.ts';

const model = smallModel({ x: [12, 12, 3] }, [
  { name: 'stem', op: 'Conv2D', config: { filters: 16, kernel_size: 3, padding: 'same', use_bias: false } },
  { name: 'norm', op: 'BatchNormalization' },
  { name: 'relu', op: 'ReLU' },
  { name: 'depthwise', op: 'DepthwiseConv2D', config: { kernel_size: 3, padding: 'same' } },
  { name: 'deep', op: 'Conv2D', config: { filters: 16, kernel_size: 3, strides: 2, activation: 'relu' } },
  { name: 'pool', op: 'MaxPooling2D' },
  { name: 'flat', op: 'Flatten' },
  { name: 'hidden', op: 'Dense', config: { units: 64, activation: 'relu' } },
  { name: 'answer', op: 'Dense', config: { units: 10, activation: 'softmax' } },
]);
const batch = 32;

async function start(threads: number): Promise<SimdBackend['machine']> {
  configureThreads(threads);
  await startBackend('simd');
  const { machine } = tf.backend() as SimdBackend;
  await vi.waitFor(() => expect(machine.threads).toBe(threads), { timeout: 30_000 });
  return machine;
}

afterEach(() => stopBackend('simd'));

/** Losses of a few training steps, which depend on every gradient before, and answers. */
async function numbers(threads: number) {
  await start(threads);
  const step = trainingStep(model, batch);
  const losses: number[] = [];
  for (let i = 0; i < 4; i++) losses.push(await step());
  const rng = createRng(3);
  const predictor = await createPredictor(model);
  const answers = await predictor.predict([Float32Array.from({ length: batch * 12 * 12 * 3 }, () => rng.normal())], batch);
  predictor.dispose();
  stopBackend('simd');
  return { losses, answers };
}

it('one and two threads train and answer in the same bits', async () => {
  const alone = await numbers(1);
  expect(alone.losses[3]).toBeLessThan(alone.losses[0] as number);
  expect(await numbers(2)).toEqual(alone);
});

it('a kernel that stops, in whichever thread, is an error, and the next ones work', async () => {
  const machine = await start(2);
  const outside = 2 ** 32 - 4096;
  const args = { operation: 'add', a: outside, b: outside, y: outside, rows: 1, length: 1_000_000 } as const;
  for (const work of [1, 1e6]) {
    expect(() => machine.run(binary, args, work)).toThrow(expect.objectContaining({ code: 'RUNTIME_KERNEL' }));
  }
  expect([...tf.add([1, 2], [3, 4]).dataSync()]).toEqual([4, 6]);
  const sum = tf.sum(tf.add(tf.ones([500_000]), 1));
  expect(sum.dataSync()[0]).toBe(1_000_000);
});
