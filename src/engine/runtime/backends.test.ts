import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { perceptron } from '../../../bench/nets.ts';
import { isDeviceLoss, requireDevice, startBackend, stopBackend } from './backends.ts';
import { createPredictor } from './executor.ts';

afterEach(() => stopBackend('cpu'));

describe('backends', () => {
  it('start again after they were stopped', async () => {
    await startBackend('cpu');
    stopBackend('cpu');
    expect(() => requireDevice('cpu')).toThrow('went away');
    await startBackend('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect(() => requireDevice('cpu')).not.toThrow();
  });

  it('turn a lost device into RUNTIME_DEVICE_LOST instead of an answer, and the work goes on elsewhere', async () => {
    await startBackend('cpu');
    const context = { isContextLost: () => false };
    Object.assign(tf.backend(), { gpgpu: { gl: context } });
    const input = Float32Array.of(1, 2, 3, 4);
    const predictor = await createPredictor(perceptron());
    const [before] = await predictor.predict([input], 1);
    context.isContextLost = () => true;
    const failure = await predictor.predict([input], 1).catch((error: unknown) => error);
    expect(isDeviceLoss(failure)).toBe(true);
    expect(isDeviceLoss(new Error('other'))).toBe(false);

    stopBackend('cpu');
    await startBackend('wasm');
    const second = await createPredictor(perceptron());
    const [after] = await second.predict([input], 1);
    for (const [index, value] of (before ?? []).entries()) expect(after?.[index]).toBeCloseTo(value, 6);
    second.dispose();
    predictor.dispose();
  });

  it('notice a device whose `lost` promise settles', async () => {
    await startBackend('cpu');
    stopBackend('cpu');
    let lose = (): void => undefined;
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const device = Object.assign(Object.create(tf.KernelBackend.prototype), { device: { lost }, dispose: () => undefined });
    tf.registerBackend('cpu', () => device);
    await startBackend('cpu');
    expect(() => requireDevice('cpu')).not.toThrow();
    lose();
    await lost;
    expect(() => requireDevice('cpu')).toThrow('The device behind "cpu" went away.');
  });
});
