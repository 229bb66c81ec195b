/** What Keras 3 writes and TF.js misreads, one rule after the other: each is read as Keras means it, or refused by name. */
import type { Group } from 'h5wasm';
import { expect, it } from 'vitest';
import type { Context } from '../../context.ts';
import { createRng } from '../../math/rng.ts';
import type { Json, Model } from '../../model/model.ts';
import {
  addTensor,
  jsonFile,
  kerasArchive,
  tinyH5,
  tinyLayersModel,
  tinyTopology,
  tinyWeightStore,
  writeHdf5,
} from '../../testing/model-files.ts';
import { sourceFile } from '../files.ts';
import { openModel } from '../index.ts';
import { cannotExpress, writeTfjsLayers } from '../tfjs-layers/write.ts';
import { kerasVersion } from './topology.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
type Config = Record<string, Json>;

const layer = (className: string, config: Config, extra: Config = {}): Config => ({
  ...{ module: 'keras.layers', class_name: className, registered_name: null },
  config: { name: className.toLowerCase(), ...config },
  ...extra,
});

/** A `.keras` archive of a Sequential on inputs of this shape, every tensor counted up from 0, stored by class and order. */
async function sequential(
  shape: Json[],
  layers: Config[],
  tensors: Record<string, readonly (readonly number[])[]> = {},
): Promise<Model> {
  const entries = [layer('InputLayer', { name: 'x', batch_shape: [null, ...shape] }), ...layers];
  const topology = { module: 'keras', class_name: 'Sequential', registered_name: null, config: { name: 's', layers: entries } };
  const store = await writeHdf5((file) => {
    const groups = file.create_group('layers');
    for (const [name, shapes] of Object.entries(tensors)) {
      const vars = groups.create_group(name).create_group('vars');
      for (const [index, own] of shapes.entries()) {
        const values = Float32Array.from({ length: own.reduce((a, b) => a * b, 1) }, (_, i) => i + 100 * groups.keys().length);
        addTensor(vars, String(index), { shape: own, values });
      }
    }
    // Dropout and augmentation keep the state of their random generator.
    const seed = groups.create_group('dropout').create_group('seed_generator').create_group('vars');
    seed.create_dataset({ name: '0', data: Uint32Array.of(1, 2), shape: [2], dtype: '<I' });
  });
  return openModel([sourceFile('net.keras', kerasArchive(topology, store))], {}, context);
}

const tiny = async (change: (json: Config) => Json = (json) => json): Promise<Model> =>
  openModel([sourceFile('net.keras', kerasArchive(change(tinyTopology(3)), await tinyWeightStore()))], {}, context);
const noted = (model: Model): string[] => model.source.notes.map(({ code }) => code);
const attrsOf = (model: Model, op: string): Json | undefined => model.nodes.find((node) => node.op === op)?.attrs;
const refusal = async (opening: Promise<Model>) =>
  opening.then(
    () => 'it opened',
    (error) => `${error.code} ${error.title}`,
  );
async function repaired(model: Model): Promise<string> {
  const [json] = await writeTfjsLayers(model, { precision: 'float32' }, context);
  return new TextDecoder().decode(json?.bytes);
}

/**
 * A `.keras` archive with the tree that Keras 2.13 to 2.15 write: an empty group for each layer without weights, the second occurrence of
 * a layer with weights only counted. Tensors are filled with numbers from `from` on.
 */
async function savedByKeras213(separator: '/' | '\\', from: number) {
  const own = (className: string, name: string, config: Config = {}): Config =>
    layer(className, { name, trainable: true, dtype: 'float32', ...config });
  const dense = (name: string) => own('Dense', name, { units: 2, use_bias: false });
  const start = (name: string) => own('InputLayer', name, { batch_input_shape: [null, 2], sparse: false, ragged: false });
  const inner = { name: 'block', layers: [start('block_input'), dense('in_a'), dense('in_b')] };
  const layers = [
    ...[start('x'), dense('first'), own('Activation', 'act', { activation: 'relu' }), dense('second')],
    ...[{ ...own('Sequential', 'block'), module: 'keras', config: inner }, own('Activation', 'end', { activation: 'tanh' })],
    dense('third'),
  ];
  const topology = { module: 'keras', class_name: 'Sequential', registered_name: null, config: { name: 's', layers } };
  const container = '_layer_checkpoint_dependencies';
  const filled = ['dense', 'dense_2', `sequential/${container}/dense`, `sequential/${container}/dense_2`, 'dense_4'];
  const empty = ['input_layer', 'activation', 'activation_1', 'sequential', `sequential/${container}/input_layer`];
  const store = await writeHdf5((file) => {
    for (const name of [...filled, ...empty].sort()) {
      const path = `${container}/${name}`.split('/');
      // With backslashes a whole path is the name of one group in the root.
      const parts = separator === '/' ? path : [path.join(separator)];
      let group: Group = file;
      for (const part of parts) group = group.keys().includes(part) ? (group.get(part) as Group) : group.create_group(part);
      const vars = group.create_group('vars');
      const at = filled.indexOf(name);
      if (at >= 0) addTensor(vars, '0', { shape: [2, 2], values: new Float32Array(4).fill(from + at) });
    }
    const optimizer = file.create_group('optimizer').create_group('vars');
    addTensor(optimizer, '0', { shape: [2], values: new Float32Array(2) });
  });
  const model = await openModel([sourceFile('net.keras', kerasArchive(topology, store, '2.13.1'))], {}, context);
  const kernels = ['first', 'second', 'block/in_a', 'block/in_b', 'third'].map((name, at) => [`${name}/kernel`, from + at]);
  return { model, values: Object.fromEntries(kernels) };
}

const rules: Record<string, () => Promise<void>> = {
  async 'batch_shape is the shape of the input'() {
    const model = await tiny();
    expect(model.inputs[0]?.shape).toEqual([6, 6, 2]);
    expect(noted(model)).toContain('KERAS_BATCH_SHAPE');
    expect(await repaired(model)).toContain('"batch_input_shape":[null,6,6,2]');
  },
  async 'inbound_nodes of __keras_tensor__ objects join the layers'() {
    const model = await tiny();
    expect(model.nodes.find(({ op }) => op === 'Add')?.inputs).toEqual(['bn', 'dw']);
    expect(await repaired(model)).not.toContain('__keras_tensor__');
  },
  async 'input_layers and output_layers may be one triple, a list or a dictionary'() {
    const ends: Json[] = [['head', 0, 0], [['head', 0, 0]], { scores: ['head', 0, 0] }];
    for (const end of ends) {
      const model = await tiny((json) => ({ ...json, config: { ...(json.config as Config), output_layers: end } }));
      expect(model.outputs).toEqual(['head/logits']);
    }
  },
  async 'module, registered_name and build_config are left out, however deep'() {
    const model = await tiny();
    expect(noted(model)).toContain('KERAS_MODULES');
    expect(await repaired(model)).not.toMatch(/"(module|registered_name|build_config)"/);
  },
  async 'a dtype policy is float32, a quantized one is refused'() {
    expect(await repaired(await tiny())).not.toContain('DTypePolicy');
    const policy = (mode: string) => ({ class_name: 'QuantizedDTypePolicy', config: { mode, source_name: 'float32' } });
    for (const [name, mode] of [
      ['Dense', 'gptq/4/128'],
      // Its units lie along two axes, which no encoding has.
      ['EinsumDense', 'int8'],
    ] as const) {
      const own = { units: 2, equation: 'ab,bcd->acd', output_shape: [2, 2], dtype: policy(mode) };
      expect(await refusal(sequential([4], [layer(name, own)]))).toContain('FORMAT_KERAS_QUANTIZED');
    }
  },
  async 'an int8 policy is codes with a scale for each unit, or each row of a table'() {
    // keras.quantizers.abs_max_quantize: code = round(x · scale), scale = 127 / max |x|, so that x ≈ code / scale.
    const dtype = { class_name: 'QuantizedDTypePolicy', config: { mode: 'int8', source_name: 'float32' } };
    const topology = {
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          layer('InputLayer', { name: 'x', batch_shape: [null, 2] }),
          layer('Embedding', { input_dim: 2, output_dim: 3, dtype }),
          layer('Dense', { units: 2, dtype: 'int8_from_float32' }),
        ],
      },
    };
    const codes = { embedding: [127, -64, 3, 0, 127, -127], dense: [127, -1, 50, 127, -127, 2] };
    const scales = { embedding: [254, 63.5], dense: [127, 25.4] };
    const store = await writeHdf5((file) => {
      const groups = file.create_group('layers');
      for (const name of ['embedding', 'dense'] as const) {
        const vars = groups.create_group(name).create_group('vars');
        const shape = name === 'dense' ? [3, 2] : [2, 3];
        vars.create_dataset({ name: '0', data: Int8Array.from(codes[name]), shape, dtype: '<b' });
        if (name === 'dense') addTensor(vars, '1', { shape: [2], values: Float32Array.of(0.5, -0.5) });
        addTensor(vars, name === 'dense' ? '2' : '1', { shape: [2], values: Float32Array.from(scales[name]) });
      }
    });
    const model = await openModel([sourceFile('net.keras', kerasArchive(topology, store))], {}, context);
    const [table, kernel] = ['embedding/embeddings', 'dense/kernel'].map((id) => model.weights.get(id));
    expect([table?.encoding, kernel?.encoding]).toMatchObject([
      { kind: 'affine', bits: 8, axis: 0 },
      { kind: 'affine', bits: 8, axis: 1 },
    ]);
    const expected = [
      codes.embedding.map((code, i) => code / (scales.embedding[Math.floor(i / 3)] ?? 1)),
      codes.dense.map((code, i) => code / (scales.dense[i % 2] ?? 1)),
    ];
    for (const [i, weight] of [table, kernel].entries())
      for (const [at, value] of (expected[i] ?? []).entries()) expect(weight?.values[at]).toBeCloseTo(value, 6);
    expect([...(model.weights.get('dense/bias')?.values ?? [])]).toEqual([0.5, -0.5]);
    expect(model.source.notes.find(({ code }) => code === 'KERAS_INT8')?.text).toContain('Keras also rounds');
  },
  async 'names are taken letter by letter'() {
    const model = await tiny((json) => JSON.parse(JSON.stringify(json).replaceAll('"bn"', '"bn_layerOne_1"')));
    expect(model.nodes.find(({ op }) => op === 'Add')?.inputs).toEqual(['bn_layerOne_1', 'dw']);
    expect(await repaired(model)).toContain('["bn_layerOne_1",0,0,{}]');
  },
  async 'weights under the scope of their model are found by layer'() {
    const { json, shards } = tinyLayersModel(3);
    const model = await openModel([jsonFile('model.json', json), ...shards], {}, context);
    expect(JSON.stringify(json)).toContain('tiny/conv/kernel');
    expect(noted(model)).toContain('KERAS_WEIGHT_PATHS');
  },
  async 'groups are called after class and order, not after the layer'() {
    const dense = [layer('Dense', { name: 'z', units: 2 }), layer('Dense', { name: 'a', units: 2 })];
    const model = await sequential([2], dense, { dense: [[2, 2], [2]], dense_1: [[2, 2], [2]] });
    expect([model.weights.get('z/kernel')?.values[0], model.weights.get('a/kernel')?.values[0]]).toEqual([100, 200]);
  },
  async 'Keras 2.13 counts layers with weights twice, and joins paths as its system does'() {
    for (const [separator, from] of [
      ['/', 10],
      ['\\', 20],
    ] as const) {
      const { model, values } = await savedByKeras213(separator, from);
      const found = Object.fromEntries([...model.weights].map(([id, weight]) => [id, weight.values[0]]));
      expect(found).toEqual(values);
      expect(noted(model)).toContain('OPTIMIZER_STATE');
    }
  },
  async 'nested models have groups of their own'() {
    expect((await tiny()).weights.get('head/logits/kernel')?.shape).toEqual([108, 4]);
  },
  async 'the state of random generators is left out'() {
    const model = await sequential([2], [layer('Dropout', { rate: 0.5 }), layer('Dense', { units: 2 })], {
      dense: [[2, 2], [2]],
    });
    expect([model.weights.size, noted(model).includes('KERAS_SEED_STATE')]).toEqual([2, true]);
  },
  async 'groups of .h5 files are taken in the order of layer_names, not of the alphabet'() {
    const bytes = await writeHdf5((file) => {
      file.create_attribute('layer_names', ['zebra', 'ant']);
      for (const [index, name] of ['zebra', 'ant'].entries()) {
        const group = file.create_group(name);
        group.create_attribute('weight_names', ['kernel:0']);
        addTensor(group, 'kernel:0', { shape: [1, 1], values: Float32Array.of(index + 1) });
      }
    });
    const dense = (name: string): Config => ({
      class_name: 'Dense',
      config: { name, units: 1, use_bias: false, batch_input_shape: [null, 1] },
    });
    const topology = jsonFile('topology.json', { class_name: 'Sequential', config: [dense('first'), dense('second')] });
    const model = await openModel([sourceFile('w.h5', bytes), topology], {}, context);
    expect([model.weights.get('first/kernel')?.values[0], model.weights.get('second/kernel')?.values[0]]).toEqual([1, 2]);
  },
  async 'negative_slope is kept: as alpha where TF.js has one, refused where it would be ignored'() {
    const leaky = await sequential([2], [layer('LeakyReLU', { negative_slope: 0.125 })]);
    expect(await repaired(leaky)).toContain('"alpha":0.125');
    const relu = await sequential([2], [layer('ReLU', { negative_slope: 0.125 })]);
    expect(cannotExpress(relu).map(({ code }) => code)).toEqual(['layer-not-loadable']);
  },
  async 'activations under their Keras 3 names are what Keras 3 computes'() {
    expect(await repaired(await sequential([2], [layer('Activation', { activation: 'silu' })]))).toContain(
      '"activation":"swish"',
    );
    const hard = await sequential([2], [layer('Activation', { activation: 'hard_sigmoid' })]);
    expect(attrsOf(hard, 'Activation')).toEqual({ activation: 'hard_sigmoid_3' });
    await expect(repaired(hard)).rejects.toMatchObject({ code: 'EXPORT_LAYER' });
  },
  async 'groups of a convolution and keepdims of a pool are kept'() {
    const grouped = await sequential([4, 4, 4], [layer('Conv2D', { filters: 4, kernel_size: 1, groups: 2 })], {
      conv2d: [[1, 1, 2, 4], [4]],
    });
    expect(JSON.stringify(grouped.nodes[0]?.attrs)).toContain('"groups":2');
    expect(cannotExpress(grouped)).toHaveLength(1);
    const pooled = await sequential([4, 4, 3], [layer('GlobalAveragePooling2D', { keepdims: true }), layer('Flatten', {})]);
    expect(JSON.stringify(pooled.nodes[0]?.attrs)).toContain('true');
  },
  async 'reset_after of a GRU is never dropped in silence'() {
    const opening = sequential([3, 2], [layer('GRU', { units: 1, reset_after: true })]);
    expect(await refusal(opening)).toMatch(/^FORMAT_/);
  },
  async 'augmentation is dropped, and a layer that nobody knows is refused by name'() {
    const model = await sequential([4, 4, 3], [layer('RandomFlip', { mode: 'horizontal' }), layer('Flatten', {})]);
    expect([model.nodes.map(({ op }) => op), noted(model).includes('KERAS_AUGMENTATION')]).toEqual([['Flatten'], true]);
    expect(await refusal(sequential([4], [layer('Wavelet', { name: 'w' })]))).toContain('Wavelet (layer "w")');
  },
  async 'a function under the name of a layer is looked at by its module'() {
    const opening = sequential([4], [layer('Dense', { name: 'f', units: 2 }, { module: 'keras.src.ops.numpy' })]);
    expect(await refusal(opening)).toContain('Dense (layer "f")');
  },
  async 'a file that does not say its version is told by its spelling'() {
    expect([kerasVersion(undefined, tinyTopology(3)), kerasVersion(undefined, tinyTopology(2))]).toEqual([3, 2]);
    const model = await openModel([sourceFile('net.h5', await tinyH5(3))], {}, context);
    expect(model.nodes).toHaveLength(6);
  },
};

it.each(Object.entries(rules))('%s', async (_, check) => check());
