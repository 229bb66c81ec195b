/** The device on which the worker's jobs run, in Node: files of TF.js WASM come from their package there. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it, vi } from 'vitest';
import { createPredictor } from '../engine/index.ts';
import { configureBackends, stopBackend } from '../engine/runtime/backends.ts';
import type { SimdBackend } from '../engine/runtime/simd/backend.ts';
import { binary } from '../engine/runtime/simd/kernels/elementwise.ts';
import { noise, smallModel } from '../engine/testing/small-model.ts';

const fileOf = (name: string) => ({
  default: createRequire(import.meta.url).resolve(`@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm${name}.wasm`),
});
vi.mock('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url', () => fileOf(''));
vi.mock('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url', () => fileOf('-simd'));
vi.mock('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url', () => fileOf('-threaded-simd'));

afterAll(() => {
  vi.unstubAllGlobals();
  for (const name of ['simd', 'wasm'] as const) stopBackend(name);
  configureBackends({});
});

it('does a job whose kernel stopped again on TF.js WASM, and stays there', async () => {
  vi.stubGlobal('self', { crossOriginIsolated: false });
  const { createDevice } = await import('./device.ts');
  const device = createDevice();
  const { signal } = new AbortController();
  const model = smallModel({ x: [4] }, [{ name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } }]);
  const input = noise(8, 1);
  const ran: string[] = [];
  const answer = (stops: boolean) =>
    device.use(signal, async () => {
      ran.push(tf.getBackend());
      const predictor = await createPredictor(model);
      const outside = 2 ** 32 - 4096;
      const args = { operation: 'add', a: outside, b: outside, y: outside, rows: 1, length: 1_000_000 } as const;
      if (stops && tf.getBackend() === 'simd') (tf.backend() as SimdBackend).machine.run(binary, args, 1);
      const [answers = new Float32Array()] = await predictor.predict([input], 2);
      predictor.dispose();
      return [...answers];
    });
  const whole = await answer(false);
  expect(await answer(true)).toEqual(whole.map((value) => expect.closeTo(value, 5)));
  expect(device.status()).toMatchObject({ backend: 'wasm', choice: 'auto' });
  await answer(false);
  expect(ran).toEqual(['simd', 'simd', 'wasm', 'wasm']);
  await expect(device.use(signal, () => Promise.reject(new Error('its own')))).rejects.toThrow('its own');
});
