/**
 * Every gradient kernel against two judges that we did not write: the gradient of TF.js' CPU backend on random small shapes,
 * strides and paddings, and central differences of the forward pass (exact for functions linear in each input, up to rounding).
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../math/rng.ts';
import { registerGradientKernels } from './register.ts';

type Values = { readonly shape: number[]; readonly values: Float32Array };
type Forward = (...inputs: tf.Tensor[]) => tf.Tensor;
type Case = { readonly name: string; readonly inputs: Values[]; readonly forward: Forward };

beforeAll(async () => {
  await tf.setBackend('wasm');
  registerGradientKernels();
  registerGradientKernels();
});

function normal(rng: Rng, shape: number[]): Values {
  return { shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()) };
}

/** Values at least 0.5 apart, so that a small step never changes which pixel is the largest. */
function distinct(rng: Rng, shape: number[]): Values {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 2);
  for (let i = values.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [values[i], values[j]] = [values[j] as number, values[i] as number];
  }
  return { shape, values };
}

const tensors = (inputs: Values[]) => inputs.map(({ values, shape }) => tf.tensor(values, shape));

/** Factors r of the loss Σ y·r: a scalar whose gradient tells every element of y apart. */
const factors = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 1.7 * i));
const weighted = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, tf.tensor(factors(y.size), y.shape)));

async function gradients(backend: string, { inputs, forward }: Case): Promise<number[][]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const result = tf.tidy(() =>
    tf
      .grads((...x: tf.Tensor[]) => weighted(forward(...x)))(tensors(inputs))
      .map((g) => [...g.dataSync()]),
  );
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

async function centralDifferences({ inputs, forward }: Case, step: number): Promise<number[][]> {
  await tf.setBackend('wasm');
  // Summed in double precision, so that only the forward pass rounds.
  const loss = (at: Values[]) => {
    const y = tf.tidy(() => forward(...tensors(at)).dataSync());
    return factors(y.length).reduce((sum, factor, i) => sum + factor * (y[i] as number), 0);
  };
  return inputs.map((input, which) =>
    [...input.values].map((value, element) => {
      const moved = (delta: number) => {
        const values = input.values.slice();
        values[element] = value + delta;
        return loss(inputs.map((other, i) => (i === which ? { ...input, values } : other)));
      };
      return (moved(step) - moved(-step)) / (2 * step);
    }),
  );
}

function expectClose(actual: number[][], expected: number[][], tolerance: number): void {
  expect(actual.map((g) => g.length)).toEqual(expected.map((g) => g.length));
  actual.forEach((gradient, which) => {
    const reference = expected[which] as number[];
    const scale = Math.max(1, ...reference.map(Math.abs));
    const worst = Math.max(...gradient.map((value, i) => Math.abs(value - (reference[i] as number))));
    expect(worst / scale, `gradient of input ${which}`).toBeLessThan(tolerance);
  });
}

type Pad = 'same' | 'valid' | tf.backend_util.ExplicitPadding;
const explicit: Pad = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
];

function convolutions(rng: Rng, count: number): Case[] {
  return Array.from({ length: count }, (_, i) => {
    const [kh, kw] = i % 4 === 0 ? [1, 1] : [1 + rng.integer(4), 1 + rng.integer(4)];
    const strides: [number, number] = i % 2 ? [1, 1] : [1 + rng.integer(3), 1 + rng.integer(3)];
    const pad = (['same', 'valid', explicit] as Pad[])[rng.integer(3)] as Pad;
    const x = normal(rng, [1 + rng.integer(3), 4 + rng.integer(4), 4 + rng.integer(4), 1 + rng.integer(4)]);
    const filter = normal(rng, [kh, kw, x.shape[3] as number, 1 + rng.integer(5)]);
    const name = `[${x.shape}] * [${filter.shape}] strides ${strides} pad ${pad}`;
    return { name, inputs: [x, filter], forward: (a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad) };
  });
}

function depthwiseConvolutions(rng: Rng, count: number): Case[] {
  return Array.from({ length: count }, (_, i) => {
    const stride = i % 2 ? 1 : 1 + rng.integer(3);
    const pad = (['same', 'valid'] as Pad[])[rng.integer(2)] as Pad;
    const x = normal(rng, [1 + rng.integer(3), 4 + rng.integer(4), 4 + rng.integer(4), 1 + rng.integer(4)]);
    const filter = normal(rng, [1 + rng.integer(4), 1 + rng.integer(4), x.shape[3] as number, 1 + rng.integer(3)]);
    const name = `[${x.shape}] * [${filter.shape}] stride ${stride} pad ${pad}`;
    return { name, inputs: [x, filter], forward: (a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad) };
  });
}

function pools(rng: Rng, count: number): Case[] {
  return Array.from({ length: count }, () => {
    const size: [number, number] = [1 + rng.integer(3), 1 + rng.integer(3)];
    const strides: [number, number] = [1 + rng.integer(3), 1 + rng.integer(3)];
    const pad = (['same', 'valid'] as Pad[])[rng.integer(2)] as Pad;
    const x = distinct(rng, [1 + rng.integer(2), 4 + rng.integer(4), 4 + rng.integer(4), 1 + rng.integer(3)]);
    const name = `[${x.shape}] windows ${size} strides ${strides} pad ${pad}`;
    return { name, inputs: [x], forward: (a) => tf.maxPool(a as tf.Tensor4D, size, strides, pad) };
  });
}

function products(rng: Rng): Case[] {
  return [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) =>
      [[], [3]].map((batch) => {
        const [m, k, n] = [2 + rng.integer(4), 1 + rng.integer(5), 2 + rng.integer(4)];
        const a = normal(rng, [...batch, ...(transposeA ? [k, m] : [m, k])]);
        const b = normal(rng, [...batch, ...(transposeB ? [n, k] : [k, n])]);
        const name = `[${a.shape}]${transposeA ? 'ᵀ' : ''} · [${b.shape}]${transposeB ? 'ᵀ' : ''}`;
        return { name, inputs: [a, b], forward: (x, y) => tf.matMul(x, y, transposeA, transposeB) };
      }),
    ),
  );
}

function sums(rng: Rng): Case[] {
  return [[0], [0, 1], [0, 1, 2], [1], [0, 2], [0, 1, 2, 3], [3]].flatMap((axes) =>
    [false, true].map((keepDims) => {
      const name = `axes ${axes}${keepDims ? ', kept' : ''}`;
      return { name, inputs: [normal(rng, [2, 3, 4, 5])], forward: (x: tf.Tensor) => tf.sum(x, axes, keepDims) };
    }),
  );
}

const rng = createRng(20);
const families: { family: string; cases: Case[]; step: number }[] = [
  { family: 'convolution', cases: convolutions(rng, 16), step: 1 },
  { family: 'depthwise convolution', cases: depthwiseConvolutions(rng, 12), step: 1 },
  { family: 'max pooling', cases: pools(rng, 10), step: 1 / 8 },
  { family: 'matrix product', cases: products(rng), step: 1 },
  { family: 'sum', cases: sums(rng), step: 1 },
];

describe.each(families)('$family', ({ cases, step }) => {
  it.each(cases)('$name', async (example) => {
    const ours = await gradients('wasm', example);
    expectClose(ours, await gradients('cpu', example), 2e-6);
    expectClose(ours, await centralDifferences(example, step), 2e-5);
  });
});

describe('max pooling', () => {
  it('gives a tie to the first pixel, as the CPU backend does', async () => {
    const input = { shape: [1, 4, 4, 1], values: new Float32Array(16).fill(2) };
    const example: Case = { name: 'tie', inputs: [input], forward: (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid') };
    expect(await gradients('wasm', example)).toEqual(await gradients('cpu', example));
  });
});

describe('memory', () => {
  it('keeps no data of the backend after a gradient', async () => {
    const example = convolutions(createRng(3), 1)[0] as Case;
    await gradients('wasm', example);
    const before = tf.engine().backend.numDataIds();
    await gradients('wasm', example);
    expect(tf.engine().backend.numDataIds()).toBe(before);
  });
});
