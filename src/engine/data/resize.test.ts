/** Resizing is compared with stock TF.js on its plain backend, channel rules with `tf.image` definitions. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { adaptChannels, resizeInto } from './resize.ts';

describe('resizeInto', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each([
    [5, 7, 3, 12, 9],
    [28, 28, 1, 32, 32],
    [100, 100, 3, 64, 48],
    [1, 3, 2, 4, 1],
    [6, 6, 3, 6, 6],
    [3, 2, 1, 1, 1],
  ])('equals tf.image.resizeBilinear: %i×%i×%i to %i×%i', async (height, width, channels, toHeight, toWidth) => {
    const rng = createRng(3);
    const values = Float32Array.from({ length: height * width * channels }, () => rng.integer(256));
    const result = new Float32Array(toHeight * toWidth * channels);
    resizeInto({ height, width, channels, values }, toHeight, toWidth, result, 0);
    const expected = tf.tidy(() =>
      tf.image.resizeBilinear(tf.tensor3d(values, [height, width, channels]), [toHeight, toWidth], false, true).dataSync(),
    );
    expect(result).toEqual(expected);
  });
});

describe('adaptChannels', () => {
  const pixel = (channels: number, ...values: number[]) => ({ width: 1, height: 1, channels, values });
  it('replicates grey, weighs colours, drops and adds alpha', () => {
    expect([...Array.from(adaptChannels(pixel(1, 7), 3).values)]).toEqual([7, 7, 7]);
    expect(adaptChannels(pixel(3, 100, 200, 50), 1).values[0]).toBeCloseTo(0.2989 * 100 + 0.587 * 200 + 0.114 * 50, 4);
    expect([...Array.from(adaptChannels(pixel(4, 1, 2, 3, 9), 3).values)]).toEqual([1, 2, 3]);
    expect([...Array.from(adaptChannels(pixel(3, 1, 2, 3), 4).values)]).toEqual([1, 2, 3, 255]);
    expect([...Array.from(adaptChannels(pixel(2, 5, 9), 4).values)]).toEqual([5, 5, 5, 9]);
    expect([...Array.from(adaptChannels(pixel(2, 5, 9), 1).values)]).toEqual([5]);
  });
});
