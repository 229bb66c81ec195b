/**
 * Wrappers of tfmot and of Sony's toolkit. The files are written by hand as those libraries write them (their `get_config` and the names of
 * their variables; neither runs here); what must come out is computed from the published definition of FakeQuantWithMinMaxVars.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../context.ts';
import { createRng } from '../../math/rng.ts';
import type { Json, Model } from '../../model/model.ts';
import { startBackend, stopBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { addTensor, jsonFile, writeHdf5 } from '../../testing/model-files.ts';
import { sourceFile } from '../files.ts';
import { openModel } from '../index.ts';
import { tflite } from '../tflite/index.ts';
import { fakeQuantized } from './fake-quant.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
type Config = Record<string, Json>;
/** Tensors of a layer by the names that the file gives them, in its order. */
type Stored = Record<string, readonly [shape: readonly number[], values: readonly number[]]>;

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('cpu'));

const wrap = (className: string, name: string, layer: Config, config: Config = {}): Config => ({
  class_name: className,
  config: { name, trainable: true, dtype: 'float32', layer, ...config },
});
const input = (shape: number[]): Config => ({
  class_name: 'InputLayer',
  config: { name: 'x', batch_input_shape: [null, ...shape], dtype: 'float32' },
});
const scheme = (className: string, weights: string[] = [], activations: string[] = [], output = false): Config => ({
  quantize_config: {
    class_name: className,
    config:
      className.endsWith('QuantizeConfig') && /8Bit(Conv)?Quantize/.test(className)
        ? { weight_attrs: weights, activation_attrs: activations, quantize_output: output }
        : {},
  },
});

function h5(layers: readonly Config[], groups: Readonly<Record<string, Stored>>): Promise<Uint8Array<ArrayBuffer>> {
  return writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    const topology = { class_name: 'Sequential', config: { name: 's', layers } };
    file.create_attribute('model_config', JSON.stringify(topology));
    const root = file.create_group('model_weights');
    root.create_attribute('layer_names', Object.keys(groups));
    for (const [layer, stored] of Object.entries(groups)) {
      const group = root.create_group(layer);
      if (Object.keys(stored).length === 0) continue;
      group.create_attribute('weight_names', Object.keys(stored));
      for (const [path, [shape, values]] of Object.entries(stored)) {
        const [scope = '', name = ''] = path.split('/');
        const own = group.keys().includes(scope) ? group.get(scope) : group.create_group(scope);
        addTensor(own as typeof group, name, { shape, values: Float32Array.from(values) });
      }
    }
  });
}

const open = async (layers: readonly Config[], groups: Readonly<Record<string, Stored>>): Promise<Model> =>
  openModel([sourceFile('net.h5', await h5(layers, groups))], {}, context);
const noted = (model: Model): string[] => model.source.notes.map(({ code }) => code);

async function answers(model: Model, values: Float32Array, count: number): Promise<number[]> {
  const predictor = await createPredictor(model);
  const [output = new Float32Array()] = await predictor.predict([values], count);
  predictor.dispose();
  return [...output];
}

/** The definition: the range nudged so that zero is a level, then the nearest level, halves up. */
function fakeQuant(x: number, min: number, max: number, narrow = false): number {
  const [least, most] = [narrow ? 1 : 0, 255];
  const scale = (max - min) / (most - least);
  const zero = Math.round(Math.min(Math.max(least - min / scale, least), most));
  const [low, high] = [(least - zero) * scale, (most - zero) * scale];
  return Math.floor((Math.min(Math.max(x, low), high) - low) / scale + 0.5) * scale + low;
}

it('codes of a range are those of the definition, whatever lies within, beyond and at zero', () => {
  const values = Float32Array.from({ length: 400 }, (_, i) => 1.7 * Math.sin(1.3 * i));
  for (const [min, max, narrow] of [
    [-1.5, 1.5, true],
    [-0.37, 1.21, false],
    [0, 1, false],
    [-2, 0, true],
  ] as const) {
    const made = fakeQuantized(values, [400], { bits: 8, narrow, axis: null, min: [min], max: [max] });
    values.forEach((value, i) => {
      expect(made.values[i], `${value} in ${min} … ${max}`).toBeCloseTo(fakeQuant(value, min, max, narrow), 6);
    });
  }
  const channels = fakeQuantized(Float32Array.of(0.3, 5, -0.9, -7), [2, 2], {
    bits: 8,
    narrow: true,
    axis: 1,
    min: [-1, 0],
    max: [1, 0],
  });
  expect([...channels.values]).toEqual(
    [Math.fround(38 / 127), 0, Math.fround(-114 / 127), 0].map((value) => expect.closeTo(value, 6)),
  );
  expect(channels.encoding).toMatchObject({ kind: 'affine', bits: 8, symmetric: true, axis: 1 });
});

describe('a net trained for 8 bits by tfmot', () => {
  const kernel = [0.5, -1.2, 0.31, 0.77, 0.9, -0.4];
  const dense = Array.from({ length: 24 }, (_, i) => Math.sin(2.1 * i));
  const layers: Config[] = [
    input([4, 4, 2]),
    {
      class_name: 'QuantizeLayer',
      config: {
        ...{ name: 'quantize_layer', trainable: true, dtype: 'float32' },
        quantizer: {
          class_name: 'AllValuesQuantizer',
          config: { num_bits: 8, per_axis: false, symmetric: false, narrow_range: false },
        },
      },
    },
    wrap(
      'QuantizeWrapperV2',
      'quant_conv',
      {
        class_name: 'Conv2D',
        config: {
          ...{ name: 'conv', filters: 3, kernel_size: [1, 1], use_bias: true },
          activation: { class_name: 'QuantizeAwareActivation', config: { activation: 'relu' } },
        },
      },
      scheme('Default8BitConvQuantizeConfig', ['kernel'], ['activation']),
    ),
    wrap(
      'QuantizeWrapperV2',
      'quant_pool',
      { class_name: 'MaxPooling2D', config: { name: 'pool', pool_size: [2, 4], strides: [2, 4] } },
      scheme('Default8BitQuantizeConfig'),
    ),
    wrap(
      'QuantizeWrapperV2',
      'quant_flat',
      { class_name: 'Flatten', config: { name: 'flat' } },
      scheme('Default8BitQuantizeConfig'),
    ),
    wrap(
      'QuantizeWrapper',
      'quant_fc',
      { class_name: 'Dense', config: { name: 'fc', units: 4, activation: 'softmax' } },
      scheme('Default8BitQuantizeConfig', ['kernel'], ['activation']),
    ),
  ];
  const step = { 'optimizer_step:0': [[], [-1]] } as const;
  const scoped = (layer: string, stored: Stored): Stored =>
    Object.fromEntries(Object.entries(stored).map(([name, array]) => [`${layer}/${name}`, array]));
  const groups: Record<string, Stored> = {
    x: {},
    quantize_layer: scoped('quantize_layer', {
      'quantize_layer_min:0': [[], [-1]],
      'quantize_layer_max:0': [[], [1.5]],
      ...step,
    }),
    quant_conv: {
      'conv/kernel:0': [[1, 1, 2, 3], kernel],
      'conv/bias:0': [[3], [0.1, 0.2, -0.3]],
      ...scoped('quant_conv', {
        ...step,
        'kernel_min:0': [[3], [-0.8, -1.2, -0.4]],
        'kernel_max:0': [[3], [0.8, 1.2, 0.4]],
        'post_activation_min:0': [[], [-0.02]],
        'post_activation_max:0': [[], [1.9]],
      }),
    },
    quant_pool: scoped('quant_pool', step),
    quant_flat: scoped('quant_flat', step),
    // The first version of the wrapper lists what it quantizes behind the bias.
    quant_fc: {
      'fc/bias:0': [[4], [0.4, -0.1, 0, 0.2]],
      'fc/kernel:0': [[6, 4], dense],
      ...scoped('quant_fc', {
        ...step,
        'kernel_min:0': [[], [-1]],
        'kernel_max:0': [[], [1]],
        'pre_activation_min:0': [[], [-2.5]],
        'pre_activation_max:0': [[], [3]],
      }),
    },
  };

  /** The net by the definitions, in double. */
  function expected(image: Float32Array): number[] {
    const maxima: number[] = [];
    for (let half = 0; half < 2; half++) {
      const best = [0, 0, 0].fill(Number.NEGATIVE_INFINITY);
      for (let at = 8 * half; at < 8 * half + 8; at++) {
        for (let channel = 0; channel < 3; channel++) {
          const reach = [0.8, 1.2, 0.4][channel] as number;
          const weight = (i: number): number => fakeQuant(kernel[3 * i + channel] as number, -reach, reach, true);
          const x = (i: number): number => fakeQuant(image[2 * at + i] as number, -1, 1.5);
          const sum = x(0) * weight(0) + x(1) * weight(1) + ([0.1, 0.2, -0.3][channel] as number);
          best[channel] = Math.max(best[channel] as number, fakeQuant(Math.max(sum, 0), -0.02, 1.9));
        }
      }
      maxima.push(...best);
    }
    const logits = [0.4, -0.1, 0, 0.2].map((bias, unit) => {
      const sum = maxima.reduce((total, value, i) => total + value * fakeQuant(dense[4 * i + unit] as number, -1, 1, true), bias);
      return Math.exp(fakeQuant(sum, -2.5, 3));
    });
    return logits.map((value) => value / logits.reduce((a, b) => a + b));
  }

  it('keeps codes and ranges and answers by their definition', async () => {
    const model = await open(layers, groups);
    expect(model.nodes.map(({ name, op }) => [name, op])).toEqual([
      ...[
        ['quant_conv', 'Conv2D'],
        ['quant_pool', 'MaxPooling2D'],
        ['quant_flat', 'Flatten'],
        ['quant_fc', 'Dense'],
      ],
    ]);
    expect(noted(model)).toContain('KERAS_QUANTIZED');
    expect(model.weights.get('quant_conv/kernel')?.encoding).toMatchObject({ kind: 'affine', bits: 8, symmetric: true, axis: 3 });
    expect(model.weights.get('quant_fc/kernel')?.encoding).toMatchObject({
      kind: 'affine',
      bits: 8,
      symmetric: true,
      axis: null,
    });
    expect(model.weights.get('quant_fc/bias')?.encoding.kind).toBe('float32');
    expect(Object.fromEntries(model.activations ?? [])).toEqual({
      x: { min: -1, max: 1.5, bits: 8 },
      quant_conv: { min: expect.closeTo(-0.02), max: expect.closeTo(1.9), bits: 8 },
      quant_pool: { min: expect.closeTo(-0.02), max: expect.closeTo(1.9), bits: 8 },
      quant_flat: { min: expect.closeTo(-0.02), max: expect.closeTo(1.9), bits: 8 },
      'quant_fc#linear': { min: -2.5, max: 3, bits: 8 },
    });
    const images = Float32Array.from({ length: 3 * 32 }, (_, i) => 1.6 * Math.sin(0.9 * i * i));
    const found = await answers(model, images, 3);
    const right = [0, 1, 2].flatMap((at) => expected(images.subarray(32 * at, 32 * at + 32)));
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(right[i] as number, 5);
    });
  });

  it('is written as an int8 .tflite file that answers the same', async () => {
    const model = await open(layers, groups);
    const files = (await tflite.write?.(model, { precision: 'encoded' }, context)) ?? [];
    const again = await openModel(
      files.map(({ path, bytes }) => sourceFile(path, bytes)),
      {},
      context,
    );
    expect([...again.weights.values()].filter(({ encoding }) => encoding.kind === 'affine')).toHaveLength(2);
    const images = Float32Array.from({ length: 3 * 32 }, (_, i) => 1.6 * Math.sin(0.7 * i * i));
    const [here, there] = [await answers(model, images, 3), await answers(again, images, 3)];
    // One step of the logits' grid, 5.5 / 255, at most.
    there.forEach((value, i) => {
      expect(Math.abs(value - (here[i] as number))).toBeLessThan(0.25 * (5.5 / 255) + 1e-6);
    });
  });

  it('opens as a TF.js layers-model as well', async () => {
    const named = Object.values(groups).flatMap((stored) => Object.entries(stored));
    // Version 2 lists the kernel first everywhere; the TF.js converter keeps that order.
    const order = (name: string): number => (name === 'fc/bias:0' ? 1 : 0);
    const [bias, kernels] = [named.findIndex(([name]) => order(name) === 1), named];
    kernels.splice(bias, 2, ...kernels.slice(bias, bias + 2).reverse());
    const weights = kernels.map(([name, [shape]]) => ({ name: name.replace(':0', ''), shape: [...shape], dtype: 'float32' }));
    const data = Float32Array.from(kernels.flatMap(([, [, values]]) => values));
    const json = {
      format: 'layers-model',
      modelTopology: { keras_version: '2.15.0', model_config: { class_name: 'Sequential', config: { name: 's', layers } } },
      weightsManifest: [{ paths: ['a.bin'], weights }],
    };
    const files = [jsonFile('model.json', json), sourceFile('a.bin', new Uint8Array(data.buffer))];
    const [model, same] = [await openModel(files, {}, context), await open(layers, groups)];
    expect([...(model.activations ?? [])]).toEqual([...(same.activations ?? [])]);
    expect([...model.weights]).toEqual([...same.weights]);
  });

  const changed = (name: string, change: Stored): Record<string, Stored> => ({
    ...groups,
    [name]: { ...groups[name], ...change },
  });
  it.each<[string, Record<string, Stored>, Config[], string, string]>([
    [
      'a range without zero',
      changed('quant_conv', { 'quant_conv/post_activation_min:0': [[], [0.5]] }),
      layers,
      'FORMAT_STRUCTURE',
      'does not hold zero',
    ],
    [
      'ranges that are missing',
      { ...groups, quant_fc: { 'fc/kernel:0': [[6, 4], dense], 'fc/bias:0': [[4], [0, 0, 0, 0]] } },
      layers,
      'FORMAT_WEIGHT_MISSING',
      'kernel_min',
    ],
    [
      'as many ranges as channels',
      changed('quant_conv', { 'quant_conv/kernel_min:0': [[2], [-1, -1]], 'quant_conv/kernel_max:0': [[2], [1, 1]] }),
      layers,
      'FORMAT_WEIGHT_SHAPE',
      '[2]',
    ],
    [
      'another scheme',
      groups,
      layers.map((layer, at) =>
        at === 2 ? JSON.parse(JSON.stringify(layer).replace('Default8BitConv', 'Prune8BitConv')) : layer,
      ),
      'FORMAT_KERAS_UNSUPPORTED_LAYER',
      'Prune8BitConvQuantizeConfig',
    ],
  ])('%s is refused', async (_, stored, own, code, words) => {
    const error = await open(own, stored).then(
      () => undefined,
      (reason) => reason,
    );
    expect([error?.code, error?.detail]).toEqual([code, expect.stringContaining(words)]);
  });
});

describe('a clustered layer', () => {
  const kernel = [0.9, 0.52, -0.4, 0.1, 0.74, -2];
  const stored = (shape: readonly number[]): Record<string, Stored> => ({
    x: {},
    cluster_fc: {
      'fc/bias:0': [[3], [1, 2, 3]],
      'fc/kernel:0': [[2, 3], kernel],
      'cluster_fc/cluster_centroids_kernel:0': [shape, [1, -0.5, 0.5, -0.5]],
      'cluster_fc/pulling_indices_kernel:0': [
        [2, 3],
        [0, 2, 1, 2, 0, 1],
      ],
    },
  });
  const config = { number_of_clusters: 4, cluster_centroids_init: 'CentroidInitialization.LINEAR', preserve_sparsity: false };
  const layers = (own: Config): Config[] => [
    input([2]),
    wrap('ClusterWeights', 'cluster_fc', { class_name: 'Dense', config: { name: 'fc', units: 3 } }, { ...config, ...own }),
  ];

  it('has the nearest centroid of each weight and keeps the palette', async () => {
    const model = await open(layers({}), stored([4]));
    const weight = model.weights.get('cluster_fc/kernel');
    expect([...(weight?.values ?? [])]).toEqual([1, 0.5, -0.5, 0.5, 0.5, -0.5]);
    expect(weight?.encoding).toMatchObject({ kind: 'codebook', bits: 2, centroids: Float32Array.of(-0.5, 0.5, 1, 1) });
    expect([...(model.weights.get('cluster_fc/bias')?.values ?? [])]).toEqual([1, 2, 3]);
    expect(noted(model)).toContain('KERAS_CLUSTERED');
  });

  it('is refused where zeros, or palettes of channels, are not told', async () => {
    await expect(open(layers({ preserve_sparsity: true }), stored([4]))).rejects.toMatchObject({
      hint: expect.stringContaining('strip_clustering'),
    });
    await expect(open(layers({ cluster_per_channel: true }), stored([4]))).rejects.toMatchObject({
      code: 'FORMAT_KERAS_UNSUPPORTED_LAYER',
    });
    await expect(open(layers({}), stored([2, 2]))).rejects.toMatchObject({ code: 'FORMAT_STRUCTURE' });
  });
});

describe("layers of Sony's toolkit", () => {
  const quantizer = (className: string, config: Config): Config => ({ class_name: className, config });
  const layers = (own: Config, holder: Config): Config[] => [
    input([2]),
    wrap(
      'KerasQuantizationWrapper',
      'fc',
      { class_name: 'Dense', config: { name: 'dense', units: 3, use_bias: false } },
      { weights_quantizers: { kernel: own }, mctq_version: '1.5.2' },
    ),
    { class_name: 'KerasActivationQuantizationHolder', config: { name: 'holder', activation_holder_quantizer: holder } },
  ];
  const kernel = [0.3, -1.4, 0.05, 0.9, 2.5, -0.02];
  const groups: Record<string, Stored> = {
    x: {},
    fc: { 'fc/kernel:0': [[2, 3], kernel], 'fc/optimizer_step:0': [[], [-1]] },
    holder: { 'holder/optimizer_step:0': [[], [-1]] },
  };
  const symmetric = quantizer('WeightsSymmetricInferableQuantizer', {
    ...{ num_bits: 4, threshold: [1, 2, 0.1], per_channel: true, channel_axis: 1, input_rank: 2 },
  });
  const unsigned = quantizer('ActivationPOTInferableQuantizer', { num_bits: 8, threshold: [4], signed: false });

  it('have the grids of their thresholds', async () => {
    const model = await open(layers(symmetric, unsigned), groups);
    const weight = model.weights.get('fc/kernel');
    // Steps of threshold / 8, from −8 to 7 of them.
    const right = kernel.map((value, i) => {
      const threshold = [1, 2, 0.1][i % 3] as number;
      return Math.max(-8, Math.min(7, Math.floor((8 * value) / threshold + 0.5))) * (threshold / 8);
    });
    expect([...(weight?.values ?? [])]).toEqual(right.map((value) => expect.closeTo(value, 6)));
    expect(weight?.encoding).toMatchObject({ kind: 'affine', bits: 4, symmetric: true, axis: 1 });
    expect([...(model.activations ?? [])]).toEqual([['fc', { min: 0, max: 4 - 4 / 256, bits: 8 }]]);
    const found = await answers(model, Float32Array.of(1, 0.5), 1);
    const sums = [0, 1, 2].map((unit) => (right[unit] as number) + 0.5 * (right[3 + unit] as number));
    expect(found).toEqual(sums.map((sum) => expect.closeTo(Math.min(255, Math.max(0, Math.floor(64 * sum + 0.5))) / 64, 6)));
  });

  it.each<[string, Config, Config, string]>([
    [
      'tables of values',
      quantizer('WeightsLUTSymmetricInferableQuantizer', { num_bits: 4 }),
      unsigned,
      'WeightsLUTSymmetricInferableQuantizer',
    ],
    [
      'values of 4 bits',
      symmetric,
      quantizer('ActivationPOTInferableQuantizer', { num_bits: 4, threshold: [4], signed: false }),
      '4 bits',
    ],
  ])('with %s are refused', async (_, own, holder, words) => {
    await expect(open(layers(own, holder), groups)).rejects.toMatchObject({
      code: 'FORMAT_KERAS_UNSUPPORTED_LAYER',
      detail: expect.stringContaining(words),
    });
  });
});

it('a pruned layer is unwrapped and its mask taken over', async () => {
  const dense = { class_name: 'Dense', config: { name: 'fc', units: 3, batch_input_shape: [null, 4] } };
  const wrapper = { class_name: 'PruneLowMagnitude', config: { name: 'prune_fc', layer: dense, batch_input_shape: [null, 4] } };
  const config = { class_name: 'Sequential', config: { name: 's', layers: [wrapper] } };
  const kernel = Float32Array.from({ length: 12 }, (_, i) => (i % 3 === 1 ? 0 : i + 1));
  const bytes = await writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    file.create_attribute('model_config', JSON.stringify(config));
    const root = file.create_group('model_weights');
    root.create_attribute('layer_names', ['prune_fc']);
    const group = root.create_group('prune_fc');
    const own = group.create_group('fc');
    const state = group.create_group('prune_fc');
    group.create_attribute('weight_names', [
      ...['fc/kernel:0', 'fc/bias:0'],
      ...['prune_fc/mask:0', 'prune_fc/threshold:0', 'prune_fc/pruning_step:0'],
    ]);
    addTensor(own, 'kernel:0', { shape: [4, 3], values: kernel });
    addTensor(own, 'bias:0', { shape: [3], values: Float32Array.of(1, 2, 3) });
    addTensor(state, 'mask:0', { shape: [4, 3], values: kernel.map((value) => (value === 0 ? 0 : 1)) });
    addTensor(state, 'threshold:0', { shape: [1], values: Float32Array.of(0.1) });
    addTensor(state, 'pruning_step:0', { shape: [1], values: Float32Array.of(7) });
  });
  const model = await openModel([sourceFile('p.h5', bytes)], {}, context);
  expect(model.nodes.map(({ name, op }) => [name, op])).toEqual([['prune_fc', 'Dense']]);
  expect([...(model.weights.get('prune_fc/kernel')?.mask ?? [])]).toEqual([...kernel].map((value) => (value === 0 ? 0 : 1)));
  expect(model.weights.get('prune_fc/bias')?.mask).toBeUndefined();
  expect(model.source.notes.map(({ code }) => code)).toContain('KERAS_PRUNED');
});
