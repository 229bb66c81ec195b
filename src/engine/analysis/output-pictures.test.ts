import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import { float32 } from '../model/encoding.ts';
import { type Model, withWeights } from '../model/model.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { smallModel, weightIn } from '../testing/small-model.ts';
import { drawOutputs } from './output-pictures.ts';

const contextOf = (): Context => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(1) });

const net = smallModel({ x: [2, 2, 1] }, [
  { name: 'conv', op: 'Conv2D', config: { filters: 1, kernel_size: 1, use_bias: false } },
]);

function times(factor: number): Model {
  const { shape } = weightIn(net, 'conv/kernel');
  return withWeights(net, new Map([['conv/kernel', { shape, values: Float32Array.of(factor), encoding: float32 }]]));
}

const greys = ({ pixels }: { readonly pixels: Uint8ClampedArray }) => [...pixels].filter((_, at) => at % 4 === 0);

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

it('draws the input and both outputs of the samples asked for, scaled alike', async () => {
  const values = Float32Array.from({ length: 12 }, (_, at) => at / 20);
  const dataset = arrayDataset({ name: 'pictures', kind: 'tensors', sampleShape: [2, 2, 1], values });
  const job = { original: times(1), result: times(0.5), dataset, preprocessing: 'raw', context: contextOf() } as const;
  const [first, ...rest] = await drawOutputs({ ...job, indices: [2], view: { peak: 1, against: 'input' } });
  if (first?.wanted == null) throw new Error('There is no picture.');
  const grey = (factor: number) => [8, 9, 10, 11].map((at) => Math.round(((255 * at) / 20) * factor));
  expect([first.index, rest.length, first.before.width, first.before.height]).toEqual([2, 0, 2, 2]);
  expect(greys(first.wanted)).toEqual(greys(first.before));
  for (const [at, level] of greys(first.before).entries()) expect(Math.abs(level - (grey(1)[at] ?? 0))).toBeLessThanOrEqual(1);
  for (const [at, level] of greys(first.after).entries()) expect(Math.abs(level - (grey(0.5)[at] ?? 0))).toBeLessThanOrEqual(1);
});

it('shifts values from −1 to 1, and draws synthetic inputs without anything wanted', async () => {
  const job = { original: times(0), result: times(0), dataset: null, preprocessing: 'raw', context: contextOf() } as const;
  const [only] = await drawOutputs({ ...job, indices: [0], view: { peak: 2, against: null } });
  expect(only?.wanted).toBeNull();
  expect(only && greys(only.after)).toEqual([128, 128, 128, 128]);
});
