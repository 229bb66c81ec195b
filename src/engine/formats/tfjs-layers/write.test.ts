import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../context.ts';
import type { OutputFile } from '../../format.ts';
import { createRng } from '../../math/rng.ts';
import type { Model } from '../../model/model.ts';
import { validateModel } from '../../model/topology.ts';
import { type AffineOptions, codeAffine } from '../../techniques/quantize/affine-codes.ts';
import { type LayerSketch, noise, onGrid, onPalette, runSmall, smallModel, weightIn } from '../../testing/small-model.ts';
import { loadStock, relativeDifference } from '../../verify.ts';
import { expressed } from './express.ts';
import { cannotExpress, writeTfjsLayers } from './write.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const encoded = { precision: 'encoded' } as const;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Largest relative difference between stock TF.js on the file and the ops on the model. */
async function stockError(model: Model, files: readonly OutputFile[]): Promise<number> {
  validateModel(expressed(model).model);
  const inputs = model.inputs.map((input, i) => noise(3 * input.shape.reduce<number>((n, size) => n * (size ?? 1), 1), i + 1));
  const ours = runSmall(model, inputs, 3);
  const stock = await loadStock(tf, files);
  const outputs = tf.tidy(() => {
    const tensors = inputs.map((values, i) => tf.tensor(values, [3, ...(model.inputs[i]?.shape ?? []).map((size) => size ?? 1)]));
    const result = stock.predict(tensors.length === 1 ? (tensors[0] as tf.Tensor) : tensors);
    return (Array.isArray(result) ? result : [result]).map((output) => output.dataSync() as Float32Array);
  });
  stock.dispose();
  expect(outputs.map((output) => output.length)).toEqual(ours.map((output) => output.length));
  return Math.max(...ours.map((output, i) => relativeDifference(output, outputs[i] as Float32Array)));
}

interface Entry {
  name: string;
  shape: number[];
  quantization?: { dtype: string; min?: number; scale?: number };
}

function parsed(files: readonly OutputFile[]) {
  const json = JSON.parse(new TextDecoder().decode(files[0]?.bytes));
  const weights: Entry[] = json.weightsManifest[0].weights;
  return { json, weights, config: json.modelTopology.model_config };
}

const conv: LayerSketch = { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3, activation: 'relu' } };
const head: LayerSketch[] = [
  { name: 'flat', op: 'Flatten' },
  { name: 'logits', op: 'Dense', config: { units: 5, activation: 'softmax' } },
];
const image = { picture: [6, 6, 2] };
const kernels = (model: Model) => [...model.weights.keys()].filter((id) => id.endsWith('kernel'));
const perChannel = { bits: 4, axis: 3, symmetric: true };

const converterRecipe: AffineOptions = {
  bits: 8,
  symmetric: false,
  narrow: false,
  axis: null,
  range: 'min-max',
  percentile: 100,
  holdsZero: false,
};

describe('plain forms', () => {
  /*
   * numpy 2.4.6: x = np.array([-0.3, 0.12, 0.25, 0.7, -0.05, 0.0], np.float32); lo, hi = x.min().astype(float), x.max().astype(float)
   *   scale = (hi - lo) / 255; zp = np.round((0 - lo) / scale); lo = -zp * scale; hi = 255 * scale + lo
   *   np.round((x.clip(lo, hi) - lo) / scale).astype(np.uint8)
   */
  it('writes the bytes of the converter for its recipe', async () => {
    const plain = smallModel({ x: [3] }, [{ name: 'dense', op: 'Dense', config: { units: 2, use_bias: false } }]);
    const values = Float32Array.of(-0.3, 0.12, 0.25, 0.7, -0.05, 0);
    const weight = { shape: [3, 2], ...codeAffine(values, [3, 2], converterRecipe) };
    const files = await writeTfjsLayers({ ...plain, weights: new Map([['dense/kernel', weight]]) }, encoded, context);
    const quantization = { dtype: 'uint8', min: -0.30196078431372547, scale: 0.00392156862745098, original_dtype: 'float32' };
    expect(parsed(files).weights).toEqual([{ name: 'dense/kernel', shape: [3, 2], dtype: 'float32', quantization }]);
    expect([...(files[1]?.bytes ?? [])]).toEqual([0, 108, 141, 255, 64, 77]);
  });

  it('writes a chain as a Sequential with its input and output names', async () => {
    const files = await writeTfjsLayers(smallModel(image, [conv, ...head]), encoded, context);
    const { config, json } = parsed(files);
    expect(config.class_name).toBe('Sequential');
    expect(json).toMatchObject({ format: 'layers-model', generatedBy: 'nutshell', convertedBy: null });
    const stock = await loadStock(tf, files);
    expect([stock.layers[0]?.name, stock.layers.at(-1)?.name]).toEqual(['picture', 'logits']);
    stock.dispose();
    expect(await stockError(smallModel(image, [conv, ...head]), files)).toBeLessThan(1e-5);
  });

  it('writes the same bytes for the same model', async () => {
    const write = () => writeTfjsLayers(onGrid(smallModel(image, [conv, ...head]), 'conv/kernel', perChannel), encoded, context);
    expect(await write()).toEqual(await write());
  });

  it.each([
    ['8 bits', { bits: 8, axis: null, symmetric: false }, 'uint8'],
    ['3 bits', { bits: 3, axis: null, symmetric: true }, 'uint8'],
    ['16 bits', { bits: 16, axis: null, symmetric: false }, 'uint16'],
  ] as const)('keeps codes of %s per tensor', async (_, grid, dtype) => {
    const model = onGrid(smallModel(image, [conv, ...head]), 'logits/kernel', grid);
    const files = await writeTfjsLayers(model, encoded, context);
    const entry = parsed(files).weights.find((weight) => weight.name === 'logits/kernel');
    expect(entry?.quantization?.dtype).toBe(dtype);
    expect(cannotExpress(model)).toEqual([]);
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });

  it('writes float16', async () => {
    const plain = smallModel(image, [conv, ...head]);
    const weight = weightIn(plain, 'logits/kernel');
    const values = weight.values.map((value) => Math.round(value * 64) / 64);
    const weights = new Map(plain.weights).set('logits/kernel', { ...weight, values, encoding: { kind: 'float16' } as const });
    const files = await writeTfjsLayers({ ...plain, weights }, encoded, context);
    expect(parsed(files).weights.find((entry) => entry.name === 'logits/kernel')?.quantization).toEqual({
      dtype: 'float16',
      original_dtype: 'float32',
    });
    expect(await stockError({ ...plain, weights }, files)).toBeLessThan(1e-6);
  });

  it('writes every tensor as float32 where the yardstick is asked for', async () => {
    const model = onGrid(smallModel(image, [conv, ...head]), 'conv/kernel', perChannel);
    const files = await writeTfjsLayers(model, { precision: 'float32' }, context);
    expect(parsed(files).weights.every((entry) => entry.quantization === undefined)).toBe(true);
    expect(parsed(files).config.config.layers).toHaveLength(4);
    expect(await stockError(model, files)).toBeLessThan(1e-6);
  });

  it('cuts the weights into shards of 4 MiB', async () => {
    const model = smallModel({ x: [1100] }, [{ name: 'wide', op: 'Dense', config: { units: 1000 } }]);
    const files = await writeTfjsLayers(model, encoded, context);
    expect(files.map((file) => [file.path, file.bytes.length]).slice(1)).toEqual([
      ['group1-shard1of2.bin', 4194304],
      ['group1-shard2of2.bin', 4 * 1101000 - 4194304],
    ]);
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });
});

describe('per-channel codes', () => {
  const sketches: Record<string, { input: Record<string, number[]>; layers: LayerSketch[]; axis: number }> = {
    Dense: { input: { x: [7] }, layers: [{ name: 'a', op: 'Dense', config: { units: 5, activation: 'tanh' } }], axis: 1 },
    'Dense on sequences': { input: { x: [3, 7] }, layers: [{ name: 'a', op: 'Dense', config: { units: 5 } }], axis: 1 },
    'Dense without bias': {
      input: { x: [7] },
      layers: [{ name: 'a', op: 'Dense', config: { units: 5, use_bias: false } }],
      axis: 1,
    },
    Conv1D: {
      input: { x: [9, 2] },
      layers: [{ name: 'a', op: 'Conv1D', config: { filters: 3, kernel_size: 3, padding: 'same' } }],
      axis: 2,
    },
    Conv2D: { input: image, layers: [{ ...conv, name: 'a' }], axis: 3 },
    DepthwiseConv2D: {
      input: image,
      layers: [{ name: 'a', op: 'DepthwiseConv2D', config: { kernel_size: 3, depth_multiplier: 2, activation: 'relu6' } }],
      axis: 2,
    },
  };

  for (const [title, { input, layers, axis }] of Object.entries(sketches)) {
    it(`moves the scales of ${title} into a normalization, codes exact`, async () => {
      const plain = smallModel(input, layers);
      const [id = ''] = kernels(plain);
      const model = onGrid(plain, id, { bits: 4, axis, symmetric: true });
      const files = await writeTfjsLayers(model, encoded, context);
      expect(cannotExpress(model)).toEqual([]);
      expect(await stockError(model, files)).toBeLessThan(1e-5);
      const kernel = parsed(files).weights.find((entry) => entry.name.endsWith('kernel'));
      expect(kernel?.quantization).toEqual({ dtype: 'uint8', min: -8, scale: 1, original_dtype: 'float32' });
      const encoding = weightIn(model, id).encoding;
      expect(files[1]?.bytes.subarray(0, weightIn(model, id).values.length)).toEqual('codes' in encoding ? encoding.codes : null);
      const stock = await loadStock(tf, files);
      expect(stock.layers.at(-1)?.name).toBe('a');
      stock.dispose();
    });
  }

  it('keeps the name of the layer with the kernel where it is no output', async () => {
    const model = onGrid(smallModel(image, [conv, ...head]), 'conv/kernel', perChannel);
    const names = parsed(await writeTfjsLayers(model, encoded, context)).weights.map((entry) => entry.name);
    expect(names.slice(0, 5)).toEqual([
      'conv/kernel',
      'conv_scales/gamma',
      'conv_scales/beta',
      'conv_scales/moving_mean',
      'conv_scales/moving_variance',
    ]);
  });

  it.each([true, false])('lets a normalization that is there already absorb the scales (gamma: %s)', async (scale) => {
    const plain = smallModel(image, [
      { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3 } },
      { name: 'norm', op: 'BatchNormalization', config: { epsilon: 0.001, scale } },
      ...head,
    ]);
    const model = onGrid(plain, 'conv/kernel', perChannel);
    const files = await writeTfjsLayers(model, encoded, context);
    expect(parsed(files).weights.map((entry) => entry.name)).toEqual([
      'conv/kernel',
      'conv/bias',
      'norm/gamma',
      'norm/beta',
      'norm/moving_mean',
      'norm/moving_variance',
      'logits/kernel',
      'logits/bias',
    ]);
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });

  it('gives new layers names that no other layer has', async () => {
    const plain = smallModel({ x: [4] }, [
      { name: 'a', op: 'Dense', config: { units: 4, activation: 'relu' } },
      { name: 'a_scales', op: 'Activation', config: { activation: 'tanh' } },
      { name: 'a_activation', op: 'Dense', config: { units: 2 } },
    ]);
    const model = onGrid(plain, 'a/kernel', { bits: 4, axis: 1, symmetric: true });
    expect(await stockError(model, await writeTfjsLayers(model, encoded, context))).toBeLessThan(1e-5);
  });

  it('does not touch a normalization that others use too', async () => {
    const plain = smallModel(image, [
      { name: 'conv', op: 'Conv2D', config: { filters: 2, kernel_size: 3, padding: 'same' } },
      { name: 'norm', op: 'BatchNormalization' },
      { name: 'again', op: 'BatchNormalization', inputs: ['picture'], shares: 'norm' },
      { name: 'sum', op: 'Add', inputs: ['norm', 'again'] },
    ]);
    const model = onGrid(plain, 'conv/kernel', perChannel);
    const files = await writeTfjsLayers(model, encoded, context);
    expect(parsed(files).weights.map((entry) => entry.name)).toContain('conv_scales/gamma');
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });

  it('keeps asymmetric codes with whole zero points in nine bits', async () => {
    const model = onGrid(smallModel(image, [conv, ...head]), 'conv/kernel', { bits: 8, axis: 3, symmetric: false });
    const files = await writeTfjsLayers(model, encoded, context);
    expect(parsed(files).weights[0]?.quantization).toMatchObject({ dtype: 'uint16', scale: 1 });
    expect(cannotExpress(model)).toEqual([]);
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });

  it('keeps binary kernels, whose zero lies between their two codes', async () => {
    const plain = smallModel(image, [conv, ...head]);
    const weight = weightIn(plain, 'conv/kernel');
    const coded = codeAffine(weight.values, weight.shape, { ...converterRecipe, bits: 1, symmetric: true, axis: 3 });
    const model = { ...plain, weights: new Map(plain.weights).set('conv/kernel', { ...weight, ...coded }) };
    const files = await writeTfjsLayers(model, encoded, context);
    expect(parsed(files).weights[0]?.quantization).toMatchObject({ dtype: 'uint8', scale: 1, min: -0.5 });
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });

  it('splits a SeparableConv2D', async () => {
    const layer = { filters: 3, kernel_size: 3, strides: 2, padding: 'same', depth_multiplier: 2, activation: 'relu' };
    let model = smallModel(image, [{ name: 'separable', op: 'SeparableConv2D', config: layer }]);
    model = onGrid(model, 'separable/depthwise_kernel', { bits: 8, axis: 2, symmetric: true });
    model = onGrid(model, 'separable/pointwise_kernel', perChannel);
    const files = await writeTfjsLayers(model, encoded, context);
    const names = parsed(files).weights.map((entry) => entry.name);
    expect(names).toContain('separable_depthwise/depthwise_kernel');
    expect(names).toContain('separable_codes/kernel');
    expect(await stockError(model, files)).toBeLessThan(1e-5);
  });

  it('leaves a dilated SeparableConv2D whole, since stock TF.js ignores dilation in its first half', async () => {
    const layer = { filters: 3, kernel_size: 2, dilation_rate: 2 };
    const plain = smallModel(image, [{ name: 'separable', op: 'SeparableConv2D', config: layer }]);
    const model = onGrid(plain, 'separable/pointwise_kernel', perChannel);
    const [loss] = cannotExpress(model);
    expect(loss).toMatchObject({ layer: 'separable', code: 'grid-merged' });
    expect(await stockError(expressed(model).model, await writeTfjsLayers(model, encoded, context))).toBeLessThan(1e-5);
  });
});

describe('groups within channels', () => {
  it('are written on one 16-bit grid or as float32, and said so', async () => {
    const plain = smallModel(image, [conv, ...head]);
    const weight = weightIn(plain, 'conv/kernel');
    const coded = codeAffine(weight.values, weight.shape, { ...converterRecipe, bits: 4, symmetric: true, axis: 3, group: 8 });
    const model = { ...plain, weights: new Map(plain.weights).set('conv/kernel', { ...weight, ...coded }) };
    const [loss] = cannotExpress(model);
    expect(loss).toMatchObject({ layer: 'conv' });
    expect(loss?.text).toMatch(/grid per group/);
    expect(await stockError(expressed(model).model, await writeTfjsLayers(model, encoded, context))).toBeLessThan(1e-5);
  });
});

describe('palettes', () => {
  it('snaps four-bit centroids to bytes and says what it costs', async () => {
    const centroids = Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? -1 : 1) * (Math.abs(i - 7.5) / 8) ** 1.7);
    const model = onPalette(smallModel(image, [conv, ...head]), 'conv/kernel', {
      palette: 'k-means',
      bits: 4,
      axis: null,
      groups: 1,
      centroids,
    });
    const [loss] = cannotExpress(model);
    expect(loss).toMatchObject({ layer: 'conv', code: 'palette-snapped' });
    expect(loss?.relativeError).toBeLessThan(0.01);
    const files = await writeTfjsLayers(model, encoded, context);
    expect(parsed(files).weights[0]?.quantization?.dtype).toBe('uint8');
    expect(await stockError(expressed(model).model, files)).toBeLessThan(1e-5);
  });

  it('says power-of-two palettes exactly', () => {
    const levels = [-1, -0.5, -0.25, -0.125, 0, 0.125, 0.25, 0.5];
    const palette = { palette: 'power-of-two', bits: 3, axis: null, groups: 1, centroids: Float32Array.from(levels) } as const;
    const model = onPalette(smallModel(image, [conv, ...head]), 'conv/kernel', palette);
    expect(cannotExpress(model)).toEqual([]);
  });
});

describe('graphs', () => {
  it('writes branches, several inputs and outputs as a functional model', async () => {
    const model = smallModel(
      { left: [4], right: [4] },
      [
        { name: 'outer/a', op: 'Dense', config: { units: 3 }, inputs: ['left'] },
        { name: 'outer_a', op: 'Dense', config: { units: 3 }, inputs: ['right'] },
        { name: 'sum', op: 'Add', inputs: ['outer/a', 'outer_a'] },
        { name: 'both', op: 'Concatenate', inputs: ['sum', 'left'] },
      ],
      { outputs: ['both', 'outer_a'] },
    );
    const files = await writeTfjsLayers(model, encoded, context);
    const { config, weights } = parsed(files);
    expect(config.class_name).toBe('Model');
    expect(weights.map((entry) => entry.name)).toEqual(['outer_a_1/kernel', 'outer_a_1/bias', 'outer_a/kernel', 'outer_a/bias']);
    expect(await stockError(model, files)).toBeLessThan(1e-5);
    const stock = await loadStock(tf, files);
    expect(stock.outputNames).toEqual(['both', 'outer_a']);
    stock.dispose();
  });

  it('writes a shared layer once, its calls numbered as the loader makes them', async () => {
    const dense = { op: 'Dense', config: { units: 4, activation: 'tanh' } } as const;
    const plain = smallModel({ x: [4], y: [4] }, [
      { name: 'a', ...dense, inputs: ['x'] },
      { name: 'b', ...dense, inputs: ['a'] },
      { name: 'a2', ...dense, inputs: ['b'], shares: 'a' },
      { name: 'a3', ...dense, inputs: ['y'], shares: 'a' },
      { name: 'b2', ...dense, inputs: ['a3'], shares: 'b' },
      { name: 'all', op: 'Concatenate', inputs: ['a', 'a2', 'a3', 'b', 'b2'] },
    ]);
    for (const model of [plain, onGrid(plain, 'a/kernel', { bits: 4, axis: 1, symmetric: true })]) {
      const files = await writeTfjsLayers(model, encoded, context);
      expect(parsed(files).weights.filter((entry) => entry.name.endsWith('/kernel'))).toHaveLength(2);
      expect(await stockError(model, files)).toBeLessThan(1e-5);
    }
  });

  it('refuses a layer that stock TF.js would compute differently, by name', async () => {
    const model = smallModel(image, [{ name: 'wide', op: 'DepthwiseConv2D', config: { kernel_size: 2, dilation_rate: 2 } }]);
    expect(cannotExpress(model)).toMatchObject([{ layer: 'wide', code: 'layer-not-loadable' }]);
    await expect(writeTfjsLayers(model, encoded, context)).rejects.toMatchObject({ code: 'EXPORT_LAYER' });
    expect(await writeTfjsLayers(model, { ...encoded, onlyWeighed: true }, context)).toHaveLength(2);
  });
});

it('keeps pruned weights exactly zero in every form', () => {
  const plain = smallModel(image, [conv, ...head]);
  const weight = weightIn(plain, 'conv/kernel');
  const values = weight.values.map((value, i) => (i % 3 === 0 ? 0 : value));
  const pruned = { ...plain, weights: new Map(plain.weights).set('conv/kernel', { ...weight, values }) };
  const palette = { palette: 'k-means', bits: 2, axis: 3, groups: 2 } as const;
  const forms = [
    onGrid(pruned, 'conv/kernel', perChannel),
    onGrid(pruned, 'conv/kernel', { bits: 8, axis: 3, symmetric: false }),
    onGrid(pruned, 'conv/kernel', { bits: 5, axis: null, symmetric: false }),
    onGrid(pruned, 'conv/kernel', { bits: 8, axis: 0, symmetric: false }),
    onPalette(pruned, 'conv/kernel', { ...palette, centroids: Float32Array.of(-0.7, -0.31, 0, 0.43, -0.57, 0, 0.11, 0.9) }),
  ];
  for (const form of forms) {
    const written = [...expressed(form).model.weights].find(([, weight]) => weight.shape.length === 4)?.[1];
    expect(written?.values.filter((value, i) => i % 3 === 0 && value !== 0)).toHaveLength(0);
  }
});
