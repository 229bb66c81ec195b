/** Resizing is compared with stock TF.js on its plain backend, channel rules with `tf.image` definitions. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { adaptChannels, cropToAspect, fitInto, resizeInto } from './resize.ts';

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

it('samples at half-pixel centres: (i + ½) · from / to − ½', () => {
  const row = (values: number[], to: number) => {
    const result = new Float32Array(to);
    resizeInto({ height: 1, width: values.length, channels: 1, values }, 1, to, result, 0);
    return [...result];
  };
  expect(row([0, 100], 4)).toEqual([0, 25, 75, 100]);
  expect(row([0, 10, 20, 30, 40], 2)).toEqual([7.5, 32.5]);
});

describe('cropToAspect', () => {
  const numbered = (height: number, width: number) => ({
    height,
    width,
    channels: 1,
    values: Array.from({ length: height * width }, (_, index) => index),
  });

  // Keras, smart_resize: crop_height = int(width · target_height / target_width), offset = int((height − crop_height) / 2).
  it.each([
    [3, 6, 1, 1, 3, 3, 1],
    [6, 3, 1, 1, 3, 3, 3],
    [5, 8, 1, 1, 5, 5, 1],
    [4, 4, 1, 2, 2, 4, 4],
    [10, 10, 3, 2, 10, 6, 2],
    [1, 9, 2, 1, 1, 1, 4],
  ])('cuts %i×%i to the aspect %i:%i as %i×%i from value %i on', (height, width, toHeight, toWidth, rows, columns, first) => {
    const cut = cropToAspect(numbered(height, width), toHeight, toWidth);
    expect([cut.height, cut.width, cut.values[0]]).toEqual([rows, columns, first]);
    expect(cut.values[cut.values.length - 1]).toBe(first + (rows - 1) * width + columns - 1);
  });

  it('leaves out what squashing would draw together', () => {
    const [cropped, squashed] = [new Float32Array(1), new Float32Array(1)];
    const raster = { height: 1, width: 3, channels: 1, values: [0, 90, 30] };
    fitInto(raster, 1, 1, 'crop', cropped, 0);
    fitInto({ ...raster, values: [0, 60, 30], width: 2 }, 1, 1, 'squash', squashed, 0);
    expect([cropped[0], squashed[0]]).toEqual([90, 30]);
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
