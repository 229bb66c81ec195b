/** int8 files in Google's interpreter against the executor, which answers code by code; codes, constants and ports as TFLite wants them. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TfliteOptions } from '../../../format.ts';
import { createRng } from '../../../math/rng.ts';
import { stepsOf } from '../../../model/activation-grid.ts';
import type { Model } from '../../../model/model.ts';
import { caseInputs, caseModel, opCases, relativeDifference } from '../../../model/ops/cases.ts';
import { createPredictor } from '../../../runtime/executor.ts';
import { calibrated, kernelsOnGrid } from '../../../testing/calibrated.ts';
import { noise, onGrid, onPalette, smallModel, weightIn } from '../../../testing/small-model.ts';
import { openTflite, type TfliteArray } from '../../../testing/tflite-interpreter.ts';
import { readTflite } from '../read.ts';
import type { FileTensor } from './file-graph.ts';
import { tfliteLosses } from './losses.ts';
import { planFile } from './plan.ts';
import { serialize } from './serialize.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const fileOf = (model: Model, tflite: TfliteOptions) => planFile(model, { precision: 'encoded', tflite }).file;

async function run(model: Model, tflite: TfliteOptions, inputs: readonly ArrayLike<number>[]): Promise<TfliteArray> {
  const interpreter = await openTflite(serialize(fileOf(model, tflite)));
  const [output = new Float32Array()] = interpreter.run(inputs);
  interpreter.dispose();
  return output;
}

async function simulated(model: Model, inputs: readonly Float32Array[], count: number): Promise<Float32Array> {
  const predictor = await createPredictor(model);
  const [output = new Float32Array()] = await predictor.predict(inputs, count);
  predictor.dispose();
  return output;
}

/** The largest difference in steps of the output's grid. */
function steps(model: Model, expected: Float32Array, found: ArrayLike<number>): number {
  const { scale } = stepsOf(model.activations?.get(model.outputs[0] ?? '') ?? { min: 0, max: 1, bits: 8 });
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (found[i] ?? Number.NaN)) / scale), 0);
}

/**
 * Recurrent layers and attention compute with floats, whose sums may end on the other side of a step; a BatchNormalization without a
 * layer to fold it into has constants that the model holds as floats and the file as integers.
 */
const inexact = /^(GRU|LSTM|Bidirectional|GroupQueryAttention|MultiHeadAttention|BatchNormalization)/;
const reach = (name: string): number => (inexact.test(name) ? 1 : 0);

describe('int8 operators in the interpreter', () => {
  it.each(opCases)('$name', async (opCase) => {
    const inputs = caseInputs(opCase);
    const model = await calibrated(kernelsOnGrid(caseModel(opCase)), inputs, 2);
    const first = inputs.map((all) => all.subarray(0, all.length / 2));
    const found = await run(model, { kind: 'int8' }, first);
    const expected = await simulated(model, first, 1);
    expect(steps(model, expected, found)).toBeLessThan(reach(opCase.name) + 0.001);
  });
});

const net = smallModel({ x: [8, 8, 3] }, [
  { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3, padding: 'same' } },
  { name: 'norm', op: 'BatchNormalization' },
  { name: 'relu', op: 'ReLU' },
  { name: 'depth', op: 'DepthwiseConv2D', config: { kernel_size: 3, activation: 'relu6' } },
  { name: 'flat', op: 'Flatten' },
  { name: 'fc', op: 'Dense', config: { units: 5 } },
  { name: 'probabilities', op: 'Softmax' },
]);
const samples = noise(4 * 8 * 8 * 3);
const sample = samples.subarray(0, 8 * 8 * 3);

/** The int8 constants of a file by the end of their names. */
function constant(model: Model, tflite: TfliteOptions, name: string): FileTensor & { readonly codes: readonly number[] } {
  const tensors = fileOf(model, tflite).operators.flatMap(({ inputs }) => inputs);
  const tensor = tensors.find((candidate) => candidate?.name === name);
  if (!tensor?.data) throw new Error(`The file has no constant "${name}".`);
  return { ...tensor, codes: [...new Int8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength)] };
}

describe('weights that have codes already', () => {
  it.each([2, 4, 8])('of %i bits per channel are written as they are, normalization and all', async (bits) => {
    const model = onGrid(net, 'conv/kernel', { bits, axis: 3, symmetric: true });
    const { encoding } = weightIn(model, 'conv/kernel');
    if (encoding.kind !== 'affine') throw new Error('It is on a grid.');
    const { codes, grid, shape } = constant(model, { kind: 'dynamic' }, 'conv/kernel');
    expect(shape).toEqual([4, 3, 3, 3]);
    const gamma = weightIn(model, 'norm/gamma').values;
    const variance = weightIn(model, 'norm/moving_variance').values;
    const expected = codes.map((_, at) => {
      const [channel, rest] = [Math.floor(at / 27), at % 27];
      const sign = Math.sign(gamma[channel] ?? 0);
      return sign * ((encoding.codes[rest * 4 + channel] ?? 0) - 2 ** (bits - 1)) + 0;
    });
    expect(codes.map((code) => code + 0)).toEqual(expected);
    grid?.scale.forEach((scale, channel) => {
      const factor = Math.abs(gamma[channel] ?? 0) / Math.sqrt((variance[channel] ?? 0) + 1e-3);
      expect(scale).toBeCloseTo((encoding.scale[channel] ?? 0) * factor, 12);
    });
    expect(tfliteLosses(model, { precision: 'encoded', tflite: { kind: 'dynamic' } }).map(({ code }) => code)).toEqual(
      bits === 8 ? ['dynamic-inputs'] : ['unpacked-codes', 'dynamic-inputs'],
    );
  });

  it('of 4 bits stand two to a byte where asked to, and are read back', async () => {
    const model = onGrid(net, 'fc/kernel', { bits: 4, axis: null, symmetric: true });
    const wide = { precision: 'encoded', tflite: { kind: 'dynamic' } } as const;
    const packed = { precision: 'encoded', tflite: { kind: 'dynamic', int4: true } } as const;
    const bytes = serialize(planFile(model, packed).file);
    const source = { path: 'model.tflite', size: bytes.length, bytes: async () => bytes };
    const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
    const reread = await readTflite([source], {}, context);
    const { values } = weightIn(model, 'fc/kernel');
    const found = [...reread.weights.values()].find(({ shape }) => shape.join() === '144,5');
    expect(relativeDifference(values, found?.values ?? new Float32Array())).toBeLessThan(1e-6);
    expect(serialize(planFile(model, wide).file).length - bytes.length).toBeGreaterThanOrEqual(values.length / 2 - 16);
    expect(tfliteLosses(model, packed).map(({ code }) => code)).toEqual(['dynamic-inputs', 'needs-litert']);
  });

  it('a dense layer with a scale per unit becomes a convolution, one with a single scale stays one', async () => {
    const codesOf = (model: Model) =>
      fileOf(model, { kind: 'dynamic' })
        .operators.slice(-5)
        .map(({ code }) => code);
    expect(codesOf(onGrid(net, 'fc/kernel', { bits: 8, axis: 1, symmetric: true }))).toContain('CONV_2D');
    expect(codesOf(onGrid(net, 'fc/kernel', { bits: 8, axis: null, symmetric: true }))).toContain('FULLY_CONNECTED');
    for (const axis of [1, null]) {
      const model = onGrid(net, 'fc/kernel', { bits: 8, axis, symmetric: true });
      const expected = await simulated(model, [sample], 1);
      const found = await run(model, { kind: 'dynamic' }, [sample]);
      // Inputs are rounded to 8 bits while it runs.
      expect(Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? 1))))).toBeLessThan(0.02);
    }
  });

  it('palettes and asymmetric grids are rounded anew, told with what that costs; zeros stay zero', () => {
    const centroids = Float32Array.of(-0.7, -0.1, 0, 0.4);
    const palette = onPalette(net, 'fc/kernel', { palette: 'k-means', bits: 2, axis: null, groups: 1, centroids });
    const { values } = weightIn(palette, 'fc/kernel');
    const options = { precision: 'encoded', tflite: { kind: 'int8' } } as const;
    const { codes } = constant(palette, { kind: 'dynamic' }, 'fc/kernel');
    const zeros = (list: Iterable<number>): number => [...list].filter((value) => value === 0).length;
    expect(zeros(codes)).toBe(zeros(values));
    expect(() => tfliteLosses(palette, options)).toThrow('what flows between the layers');
    const [loss] = tfliteLosses(palette, { precision: 'encoded', tflite: { kind: 'dynamic' } });
    expect(loss).toMatchObject({ layer: 'fc', code: 'rounded-to-int8', text: 'Its weights (palette of 4) are rounded to int8.' });
    expect(loss?.relativeError).toBeGreaterThan(0);
    const asymmetric = onGrid(net, 'fc/kernel', { bits: 8, axis: null, symmetric: false });
    expect(tfliteLosses(asymmetric, { precision: 'encoded', tflite: { kind: 'dynamic' } })[0]?.text).toContain(
      '8 bits, asymmetric',
    );
  });
});

describe('int8 files', () => {
  it('answer as the executor does, whole networks included, with a bias of 32 bits', async () => {
    const model = await calibrated(kernelsOnGrid(net), [samples], 4);
    const bias = constant(model, { kind: 'int8' }, 'conv/bias');
    expect([bias.type, bias.grid?.scale.length]).toEqual(['INT32', 4]);
    expect(steps(model, await simulated(model, [sample], 1), await run(model, { kind: 'int8' }, [sample]))).toBeLessThan(1.001);
  });

  it('take and give integers where asked to', async () => {
    const model = await calibrated(kernelsOnGrid(net), [samples], 4);
    const real = await run(model, { kind: 'int8' }, [sample]);
    const { scale, zeroPoint } = stepsOf(model.activations?.get('x') ?? { min: 0, max: 1, bits: 8 });
    const codes = sample.map((value) => Math.max(-128, Math.min(127, Math.round(value / scale) + zeroPoint)));
    const signed = await run(model, { kind: 'int8', io: 'int8' }, [codes]);
    const unsigned = await run(model, { kind: 'int8', io: 'uint8' }, [codes.map((code) => code + 128)]);
    expect([signed.constructor, unsigned.constructor]).toEqual([Int8Array, Uint8Array]);
    expect([...signed].map((code) => (code + 128) / 256)).toEqual([...real]);
    expect([...unsigned].map((code) => code / 256)).toEqual([...real]);
  });

  it('keep the bias of a channel whose weights have vanished', async () => {
    const vanished = weightIn(net, 'depth/depthwise_kernel');
    const kernel = { ...vanished, values: vanished.values.map((value, i) => (i % 4 === 1 ? value * 1e-20 : value)) };
    const bias = { ...weightIn(net, 'depth/bias'), values: Float32Array.of(0.5, 0.75, 0.5, 0.5) };
    const weights = new Map(net.weights).set('depth/depthwise_kernel', kernel).set('depth/bias', bias);
    const model = { ...(await calibrated({ ...net, weights, outputs: ['depth'] }, [samples], 4)), outputs: ['depth'] };
    const found = await run(model, { kind: 'int8' }, [sample]);
    const { scale } = stepsOf(model.activations?.get('depth') ?? { min: 0, max: 1, bits: 8 });
    expect(Math.abs((found[1] ?? 0) - 0.75)).toBeLessThanOrEqual(scale);
  });

  it('compute with floats where a layer has no grid, and say so', async () => {
    const whole = await calibrated(kernelsOnGrid(net), [samples], 4);
    const grids = new Map([...(whole.activations ?? [])].filter(([value]) => value !== 'depth' && value !== 'flat'));
    const model = { ...whole, activations: grids };
    expect(
      tfliteLosses(model, { precision: 'encoded', tflite: { kind: 'int8' } }).filter(({ code }) => code === 'float-layer'),
    ).toMatchObject([{ layer: 'depth' }, { layer: 'flat' }, { layer: 'fc' }]);
    expect(steps(model, await simulated(model, [sample], 1), await run(model, { kind: 'int8' }, [sample]))).toBeLessThan(1.001);
  });
});
