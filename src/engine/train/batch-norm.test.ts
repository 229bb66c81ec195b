/** The closed form of batch normalization's gradient against autodiff of the op's own definition. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { batchNormalization } from '../model/ops/batch-normalization.ts';
import { startBackend } from '../runtime/backends.ts';
import { registerGradientKernels } from '../runtime/kernels/register.ts';
import { normalizeBatch } from './batch-norm.ts';

beforeAll(async () => {
  await startBackend('wasm');
  registerGradientKernels();
  await startBackend('simd');
});

const rng = createRng(4);
const normal = (shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 1 + rng.normal()),
    shape,
  );

it.each([
  ['wasm', [6, 5], 'linear'],
  ['wasm', [3, 4, 2, 5], 'relu6'],
  ['simd', [3, 4, 2, 5], 'linear'],
  ['simd', [3, 4, 2, 5], 'relu'],
  ['simd', [8, 9], 'relu6'],
] as const)('on %s of shape %j, %s behind it', (backend, sizes, clamp) => {
  const [shape, channels] = [[...sizes], sizes.at(-1) as number];
  const rectified = (x: tf.Tensor) => (clamp === 'linear' ? x : clamp === 'relu' ? tf.relu(x) : tf.relu6(x));
  tf.setBackend(backend);
  const inputs = [normal(shape), normal([channels]), normal([channels])];
  const factors = normal(shape);
  const loss = (y: tf.Tensor) => tf.sum(tf.mul(tf.square(y), factors));
  const attrs = batchNormalization.read({ epsilon: 0.01 }, { layer: 'bn', className: 'BatchNormalization', keras: 2 });
  const expected = tf.grads((x, gamma, beta) =>
    loss(rectified(batchNormalization.forward({ inputs: [x as tf.Tensor], attrs, weights: { gamma, beta }, training: true }))),
  )(inputs);
  const actual = tf.grads((...[x, gamma, beta]) =>
    loss(normalizeBatch(x as tf.Tensor, gamma as tf.Tensor, beta as tf.Tensor, 0.01, clamp).y),
  )(inputs);
  actual.forEach((gradient, i) => {
    const reference = expected[i]?.dataSync() ?? [];
    gradient.dataSync().forEach((value, element) => {
      expect(value).toBeCloseTo(reference[element] as number, 3);
    });
  });
  const { mean, variance } = tf.moments(inputs[0] as tf.Tensor, [...shape.keys()].slice(0, -1));
  const batch = normalizeBatch(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor]), 0.01);
  expect([...batch.mean.dataSync()].map(Math.fround)).toEqual([...mean.dataSync()].map((value) => expect.closeTo(value, 5)));
  expect([...batch.variance.dataSync()]).toEqual([...variance.dataSync()].map((value) => expect.closeTo(value, 5)));
});
