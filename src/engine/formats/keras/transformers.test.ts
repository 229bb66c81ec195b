/**
 * Small transformers as Keras saves them, one of pictures in a `.keras` archive of Keras 3 and one of texts in a `.h5` file of Keras 2: they
 * open, answer as PyTorch does (scripts/torch-transformers.py), are compressed, and answer the same once saved and opened again.
 */
import '@tensorflow/tfjs-backend-cpu';
import type { Group } from 'h5wasm';
import { beforeAll, expect, it } from 'vitest';
import { applyRecipe } from '../../apply.ts';
import type { Context } from '../../context.ts';
import type { TfliteKind } from '../../format.ts';
import { createRng } from '../../math/rng.ts';
import type { Json, Model } from '../../model/model.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { nodeMacs } from '../../model/topology.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { calibrated, kernelsOnGrid } from '../../testing/calibrated.ts';
import { addTensor, kerasArchive, writeHdf5 } from '../../testing/model-files.ts';
import { openTflite } from '../../testing/tflite-interpreter.ts';
import { sourceFile } from '../files.ts';
import { openModel } from '../index.ts';
import { writeTflite } from '../tflite/write/write.ts';
import { kerasH5 } from './h5.ts';
import { kerasZip } from './keras-zip.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

beforeAll(() => startBackend('simd'));

type Tensors = readonly (readonly [path: string, shape: readonly number[], plus?: number])[];

/** Writes tensors below a group; number k of them is 0.4 sin(1.7 i + k), plus something. */
function fill(root: Group, tensors: Tensors): void {
  for (const [k, [path, shape, plus = 0]] of tensors.entries()) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let group = root;
    for (const part of parts) group = group.keys().includes(part) ? (group.get(part) as Group) : group.create_group(part);
    const size = shape.reduce((a, b) => a * b, 1);
    addTensor(group, name, { shape, values: Float32Array.from({ length: size }, (_, i) => plus + 0.4 * Math.sin(1.7 * i + k)) });
  }
}

const norm = (group: string): Tensors => [
  [`${group}/0`, [6], 1],
  [`${group}/1`, [6]],
];
const dense = (group: string, ins: number, units: number): Tensors => [
  [`${group}/0`, [ins, units]],
  [`${group}/1`, [units]],
];

/** As Keras 3 stores and describes it; the attention's parts have their newer names. */
async function pictures(): Promise<Model> {
  const tensor = (name: string): Json => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 4, 6], dtype: 'float32', keras_history: [name, 0, 0] },
  });
  const layer = (className: string, name: string, config: Record<string, Json>, args: Json, kwargs: Json = {}): Json => ({
    ...{ module: 'keras.layers', class_name: className, registered_name: null, name },
    config: { name, trainable: true, dtype: 'float32', ...config },
    inbound_nodes: args === null ? [] : [{ args, kwargs }],
  });
  const masks = { query_mask: null, value_mask: null, key_mask: null, attention_mask: null };
  const normal = { axis: -1, epsilon: 1e-6, center: true, scale: true, rms_scaling: false };
  const heads = { num_heads: 2, key_dim: 3, value_dim: 3, dropout: 0, use_bias: true, output_shape: null, attention_axes: [1] };
  const layers = [
    layer('InputLayer', 'x', { batch_shape: [null, 8, 8, 3] }, null),
    layer('Conv2D', 'patches', { filters: 6, kernel_size: [4, 4], strides: [4, 4], padding: 'valid' }, [tensor('x')]),
    layer('Reshape', 'rows', { target_shape: [4, 6] }, [tensor('patches')]),
    layer('LayerNormalization', 'ln1', normal, [tensor('rows')]),
    layer('MultiHeadAttention', 'mha', heads, [tensor('ln1'), tensor('ln1')], { ...masks, use_causal_mask: false }),
    layer('Add', 'add1', {}, [[tensor('rows'), tensor('mha')]]),
    layer('LayerNormalization', 'ln2', normal, [tensor('add1')]),
    layer('Dense', 'up', { units: 8, activation: 'gelu' }, [tensor('ln2')]),
    layer('Dense', 'down', { units: 6, activation: 'linear' }, [tensor('up')]),
    layer('Add', 'add2', {}, [[tensor('add1'), tensor('down')]]),
    layer('GlobalAveragePooling1D', 'mean', {}, [tensor('add2')]),
    layer('Dense', 'head', { units: 3, activation: 'softmax' }, [tensor('mean')]),
  ];
  const config = { name: 'vit', layers, input_layers: [['x', 0, 0]], output_layers: [['head', 0, 0]] };
  const store = await writeHdf5((file) => {
    const heads = 'multi_head_attention';
    fill(file.create_group('layers'), [
      ['conv2d/vars/0', [4, 4, 3, 6]],
      ['conv2d/vars/1', [6]],
      ...norm('layer_normalization/vars'),
      ...['query_dense', 'key_dense', 'value_dense'].flatMap(
        (part): Tensors => [
          [`${heads}/${part}/vars/0`, [6, 2, 3]],
          [`${heads}/${part}/vars/1`, [2, 3]],
        ],
      ),
      [`${heads}/output_dense/vars/0`, [2, 3, 6]],
      [`${heads}/output_dense/vars/1`, [6]],
      ...norm('layer_normalization_1/vars'),
      ...dense('dense/vars', 6, 8),
      ...dense('dense_1/vars', 8, 6),
      ...dense('dense_2/vars', 6, 3),
    ]);
  });
  const topology = { module: 'keras.src.models.functional', class_name: 'Functional', registered_name: 'Functional', config };
  return openModel([sourceFile('vit.keras', kerasArchive(topology, store))], {}, context);
}

/** As tf.keras 2 stores and describes it: tensors of a call by name, weights under the scopes of the layers within. */
async function texts(): Promise<Model> {
  const layer = (class_name: string, name: string, config: Record<string, Json>, ...inbound: Json[]): Json => ({
    ...{ class_name, name, config: { name, ...config }, inbound_nodes: inbound.length === 0 ? [] : [inbound] },
  });
  const from = (name: string, kwargs: Json = {}): Json => [name, 0, 0, kwargs];
  const heads = { num_heads: 2, key_dim: 2, value_dim: 3, use_bias: true, output_shape: null, attention_axes: [1] };
  const product = { equation: '...x,xy->...y', output_shape: [4], bias_axes: 'y', activation: 'relu' };
  const layers = [
    layer('InputLayer', 'ids', { batch_input_shape: [null, 5], dtype: 'int32' }),
    layer('Embedding', 'emb', { input_dim: 7, output_dim: 6, mask_zero: false }, from('ids')),
    layer('MultiHeadAttention', 'mha', heads, from('emb', { value: ['emb', 0, 0], use_causal_mask: true })),
    layer('Add', 'add', {}, from('emb'), from('mha')),
    layer('LayerNormalization', 'ln', { axis: [2], epsilon: 0.001 }, from('add')),
    layer('EinsumDense', 'up', product, from('ln')),
    layer('Dense', 'down', { units: 6 }, from('up')),
    layer('Add', 'add2', {}, from('ln'), from('down')),
    layer('GlobalAveragePooling1D', 'mean', {}, from('add2')),
    layer('Dense', 'head', { units: 3, activation: 'softmax' }, from('mean')),
  ];
  const config = { name: 'text', layers, input_layers: [['ids', 0, 0]], output_layers: [['head', 0, 0]] };
  const stored: Tensors = [
    ['emb/emb/embeddings:0', [7, 6]],
    ...(['query', 'key', 'value'] as const).flatMap((part): Tensors => {
      const width = part === 'value' ? 3 : 2;
      return [
        [`mha/mha/${part}/kernel:0`, [6, 2, width]],
        [`mha/mha/${part}/bias:0`, [2, width]],
      ];
    }),
    ['mha/mha/attention_output/kernel:0', [2, 3, 6]],
    ['mha/mha/attention_output/bias:0', [6]],
    ['ln/ln/gamma:0', [6], 1],
    ['ln/ln/beta:0', [6]],
    ['up/up/kernel:0', [6, 4]],
    ['up/up/bias:0', [4]],
    ['down/down/kernel:0', [4, 6]],
    ['down/down/bias:0', [6]],
    ['head/head/kernel:0', [6, 3]],
    ['head/head/bias:0', [3]],
  ];
  const bytes = await writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    file.create_attribute('model_config', JSON.stringify({ class_name: 'Functional', config }));
    const root = file.create_group('model_weights');
    fill(root, stored);
    const names = [...new Set(stored.map(([path]) => path.split('/')[0] as string))];
    root.create_attribute('layer_names', names);
    for (const name of names) {
      const own = stored.filter(([path]) => path.startsWith(`${name}/`)).map(([path]) => path.slice(name.length + 1));
      (root.get(name) as Group).create_attribute('weight_names', own);
    }
  });
  return openModel([sourceFile('text.h5', bytes)], {}, context);
}

const nets = {
  pictures: {
    open: pictures,
    input: Float32Array.from({ length: 2 * 192 }, (_, i) => Math.sin(0.9 * i)),
    // python3 scripts/torch-transformers.py
    answers: [0.214626, 0.363197, 0.422176, 0.414551, 0.356255, 0.229194],
    heads: [2, 3, 3],
    rows: 4,
    saved: kerasZip,
  },
  texts: {
    open: texts,
    input: Float32Array.from({ length: 10 }, (_, i) => (3 * i + 1) % 7),
    answers: [0.076416, 0.265155, 0.658429, 0.1027, 0.147386, 0.749914],
    heads: [2, 2, 3],
    rows: 5,
    saved: kerasH5,
  },
} as const;

async function answersOf(model: Model, input: Float32Array): Promise<Float32Array> {
  const predictor = await createPredictor(model);
  const [answers] = await predictor.predict([input], 2);
  predictor.dispose();
  return answers ?? new Float32Array();
}

/** What Google's interpreter answers, sample by sample. */
async function interpreted(model: Model, input: Float32Array, kind: TfliteKind): Promise<Float32Array> {
  const [file] = await writeTflite(model, { precision: 'encoded', tflite: { kind } }, context);
  const interpreter = await openTflite(file?.bytes ?? new Uint8Array());
  const half = input.length / 2;
  const both = [0, 1].map((sample) => [...(interpreter.run([input.subarray(sample * half, (sample + 1) * half)])[0] ?? [])]);
  interpreter.dispose();
  return Float32Array.from(both.flat());
}

it.each(Object.entries(nets))('%s: opens and answers as PyTorch does', async (_, { open, input, answers, heads, rows }) => {
  const model = await open();
  expect(relativeDifference(Float32Array.from(answers), await answersOf(model, input))).toBeLessThan(1e-5);
  const [count, key, value] = heads;
  const [width, projections] = [6, rows * 6 * count * (2 * key + value)];
  expect(nodeMacs(model).get('mha')).toBe(projections + count * rows * rows * (key + value) + rows * count * value * width);
});

it.each(Object.entries(nets))(
  '%s: quantized and pruned, saved and opened again, answers the same',
  async (_, { open, input, saved }) => {
    const steps = [
      { use: 'prune/magnitude', sparsity: 0.3 },
      { use: 'quantize/affine', bits: 8, per: 'channel' },
    ];
    const { model } = await applyRecipe(await open(), parseRecipe({ recipe: 1, steps }), context);
    const kernel = model.weights.get('mha/query/kernel');
    expect(kernel?.encoding).toMatchObject({ kind: 'affine', axis: 2 });
    expect(kernel?.mask?.includes(0)).toBe(true);
    const answers = await answersOf(model, input);
    for (const format of saved === kerasZip ? [kerasZip] : [kerasZip, kerasH5]) {
      const [file] = (await format.write?.(model, { precision: 'encoded' }, context)) ?? [];
      const again = await openModel([sourceFile(`again${format.extensions[0]}`, file?.bytes ?? new Uint8Array())], {}, context);
      expect(await answersOf(again, input)).toEqual(answers);
    }
    expect(relativeDifference(answers, await interpreted(model, input, 'float32'))).toBeLessThan(1e-5);
    // The interpreter rounds what flows into integer weights.
    expect(relativeDifference(answers, await interpreted(model, input, 'dynamic'))).toBeLessThan(0.01);
  },
);

it.each(Object.entries(nets))('%s: an int8 file answers as the model with grids', async (_, { open, input }) => {
  const model = await calibrated(kernelsOnGrid(await open()), [input], 2);
  expect([...(model.activations?.keys() ?? [])]).toContain('mha#heads');
  expect(relativeDifference(await answersOf(model, input), await interpreted(model, input, 'int8'))).toBeLessThan(0.02);
});
