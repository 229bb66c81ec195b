/** Scalings against the formulas of Keras' `imagenet_utils.preprocess_input`, worked out by hand. */
import { expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import type { ChannelOrder, Preprocessing } from './dataset.ts';
import { createPreprocess } from './preprocess.ts';

const pixels = Uint8Array.of(255, 0, 51, 10, 20, 30);
const data = arrayDataset({ name: 'two', kind: 'images', sampleShape: [1, 1, 3], values: pixels });

async function fed(kind: Preprocessing, channels: ChannelOrder = 'rgb'): Promise<number[]> {
  const values = Float32Array.from(pixels);
  (await createPreprocess(kind, { ...data, channels }, [1, 1, 3]))(values);
  return [...values].map((value) => Number(value.toFixed(5)));
}

it.each<[Preprocessing, number[]]>([
  ['symmetric', [1, -1, -0.6, -0.92157, -0.84314, -0.76471]],
  // (255/255 − 0.485) / 0.229, (0 − 0.456) / 0.224, (51/255 − 0.406) / 0.225 …
  ['torch', [2.24891, -2.03571, -0.91556, -1.94665, -1.68557, -1.28157]],
  // 51 − 103.939, 0 − 116.779, 255 − 123.68 …
  ['caffe', [-52.939, -116.779, 131.32, -73.939, -96.779, -113.68]],
])('%s is Keras’ mode', async (kind, expected) => {
  for (const [index, value] of (await fed(kind)).entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 4);
});

it('turns colours round for data fed as BGR, once', async () => {
  expect(await fed('raw', 'bgr')).toEqual([51, 0, 255, 30, 20, 10]);
  expect(await fed('caffe', 'bgr')).toEqual(await fed('caffe'));
  const [red, green, blue, ...rest] = await fed('standardize');
  const [last, middle, first] = rest;
  expect(await fed('standardize', 'bgr')).toEqual([blue, green, red, first, middle, last]);
});

it('refuses ImageNet’s means for what has no three colours', async () => {
  const grey = arrayDataset({ name: 'grey', kind: 'images', sampleShape: [1, 1, 1], values: Uint8Array.of(1) });
  await expect(createPreprocess('torch', grey, [1, 1, 1])).rejects.toMatchObject({ code: 'DATA_PREPROCESS' });
});
