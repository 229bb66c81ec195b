/**
 * Small valid model files for tests of the readers: one net (convolution, batch normalization, depthwise convolution, residual
 * Add and a nested Sequential head) as TF.js layers-model, Keras .h5 and Keras .keras, each in the spelling of Keras 2 or 3.
 * HDF5 comes from h5wasm and zip from fflate, which share no code with our readers.
 */
import { zipSync } from 'fflate';
import { File, FS, type Group, ready } from 'h5wasm';
import type { SourceFile } from '../format.ts';
import { sourceFile } from '../formats/files.ts';
import { createRng } from '../math/rng.ts';
import { elementCount, type Json } from '../model/model.ts';

export interface StoredArray {
  /** The layer, its path where it is nested. */
  readonly layer: string;
  readonly role: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const tensors: readonly (readonly [layer: string, role: string, shape: readonly number[]])[] = [
  ['conv', 'kernel', [3, 3, 2, 3]],
  ['conv', 'bias', [3]],
  ['bn', 'gamma', [3]],
  ['bn', 'beta', [3]],
  ['bn', 'moving_mean', [3]],
  ['bn', 'moving_variance', [3]],
  ['dw', 'depthwise_kernel', [3, 3, 3, 1]],
  ['dw', 'bias', [3]],
  ['head/logits', 'kernel', [108, 4]],
  ['head/logits', 'bias', [4]],
];

/** The net's tensors, seeded; variances are positive. */
export function tinyWeights(): StoredArray[] {
  const rng = createRng(11);
  return tensors.map(([layer, role, shape]) => {
    const values = Float32Array.from({ length: elementCount(shape) }, () => rng.normal() / 4);
    return { layer, role, shape, values: role === 'moving_variance' ? values.map((value) => 1 + Math.abs(value)) : values };
  });
}

type Config = Record<string, Json>;

const layers: readonly { name: string; className: string; from: readonly string[]; config: Config }[] = [
  {
    name: 'conv',
    className: 'Conv2D',
    from: ['image'],
    config: { filters: 3, kernel_size: [3, 3], padding: 'same', activation: 'relu' },
  },
  { name: 'bn', className: 'BatchNormalization', from: ['conv'], config: { axis: -1, epsilon: 0.001 } },
  { name: 'dw', className: 'DepthwiseConv2D', from: ['bn'], config: { kernel_size: [3, 3], padding: 'same' } },
  { name: 'add', className: 'Add', from: ['bn', 'dw'], config: {} },
];

const head: readonly { name: string; className: string; config: Config }[] = [
  { name: 'flat', className: 'Flatten', config: {} },
  { name: 'logits', className: 'Dense', config: { units: 4, activation: 'softmax' } },
];

/** The net's topology, `{ class_name, config }`, as Keras 2 or 3 spells it. */
export function tinyTopology(keras: 2 | 3): Config {
  const three = keras === 3;
  const extras = (className: string): Config =>
    three ? { module: className === 'Sequential' ? 'keras' : 'keras.layers', registered_name: null } : {};
  const dtype: Json = three
    ? { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null }
    : 'float32';
  const layer = (name: string, className: string, config: Config): Config => ({
    ...extras(className),
    class_name: className,
    config: { name, trainable: true, dtype, ...config },
  });
  const inbound = (from: readonly string[]): Json => {
    if (!three) return [from.map((name): Json => [name, 0, 0, {}])];
    const tensors = from.map(
      (name): Json => ({
        class_name: '__keras_tensor__',
        config: { shape: [null, 6, 6, 3], dtype: 'float32', keras_history: [name, 0, 0] },
      }),
    );
    return [{ args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }];
  };
  const input = { [three ? 'batch_shape' : 'batch_input_shape']: [null, 6, 6, 2] };
  const nested = head.map(({ name, className, config }) => layer(name, className, config));
  const inner = { name: 'head_input', [three ? 'batch_shape' : 'batch_input_shape']: [null, 6, 6, 3] };
  const own: Json[] = [
    { ...layer('image', 'InputLayer', input), name: 'image', inbound_nodes: [] },
    ...layers.map(({ name, className, from, config }) => ({
      ...layer(name, className, config),
      name,
      inbound_nodes: inbound(from),
    })),
    {
      ...extras('Sequential'),
      class_name: 'Sequential',
      name: 'head',
      config: { name: 'head', layers: [layer('head_input', 'InputLayer', inner), ...nested] },
      inbound_nodes: inbound(['add']),
    },
  ];
  const end = (name: string, node: number): Json => (three ? [name, 0, 0] : [[name, node, 0]]);
  const config = { name: 'tiny', trainable: true, layers: own, input_layers: end('image', 0), output_layers: end('head', 1) };
  return { ...extras('Functional'), class_name: three ? 'Functional' : 'Model', config };
}

const bytesOf = (values: Float32Array): Uint8Array<ArrayBuffer> => new Uint8Array(values.slice().buffer);

/** JSON as the bytes of a file. */
export function jsonFile(path: string, json: unknown): SourceFile {
  return sourceFile(path, new TextEncoder().encode(JSON.stringify(json)));
}

/** The description of the layers-model and its shards: model.json, then two shards that cut a tensor in the middle. */
export function tinyLayersModel(keras: 2 | 3): { json: Config; shards: SourceFile[] } {
  const weights = tinyWeights();
  const parts = weights.map(({ values }) => bytesOf(values));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const cut = 130;
  const json = {
    format: 'layers-model',
    modelTopology: { keras_version: keras === 3 ? '3.4.1' : '2.15.0', backend: 'tensorflow', model_config: tinyTopology(keras) },
    weightsManifest: [
      {
        paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
        weights: weights.map(({ layer, role, shape }) => ({
          name: `${keras === 3 ? 'tiny/' : ''}${layer.split('/').at(-1)}/${role}`,
          shape: [...shape],
          dtype: 'float32',
        })),
      },
    ],
  };
  const shards = [sourceFile('group1-shard1of2.bin', all.slice(0, cut)), sourceFile('group1-shard2of2.bin', all.slice(cut))];
  return { json, shards };
}

/** `classic` is what h5py and so Keras write by default; `newer` has the groups and headers of HDF5 1.8, `latest` the indexes of chunks too. */
export type Hdf5Layout = 'classic' | 'newer' | 'latest';

type LibraryVersion = 'earliest' | 'v108' | 'latest';
const libraries: Record<Hdf5Layout, [LibraryVersion, LibraryVersion]> = {
  classic: ['earliest', 'v108'],
  newer: ['v108', 'v108'],
  latest: ['latest', 'latest'],
};

/** HDF5 bytes of what `fill` writes. */
export async function writeHdf5(fill: (file: File) => void, layout: Hdf5Layout = 'classic'): Promise<Uint8Array<ArrayBuffer>> {
  await ready;
  const path = 'tiny.h5';
  const file = new File(path, 'w', { libver: libraries[layout] });
  fill(file);
  file.close();
  const bytes = FS?.readFile(path) as Uint8Array;
  FS?.unlink(path);
  return new Uint8Array(bytes);
}

/** What `look` finds in HDF5 bytes, through the library. */
export async function inHdf5<T>(bytes: Uint8Array, look: (file: File) => T): Promise<T> {
  await ready;
  FS?.writeFile('look.h5', bytes);
  const file = new File('look.h5', 'r');
  const found = look(file);
  file.close();
  FS?.unlink('look.h5');
  return found;
}

/** Adds a float32 dataset, gzip-chunked where `compression` is given. */
export function addTensor(group: Group, name: string, array: Pick<StoredArray, 'shape' | 'values'>, compression?: number): void {
  const options = compression === undefined ? {} : { chunks: array.shape.map((size) => Math.ceil(size / 2)), compression };
  group.create_dataset({ name, data: array.values, shape: [...array.shape], dtype: '<f', ...options });
}

/** The net as a legacy Keras file, with optimizer state. */
export function tinyH5(
  keras: 2 | 3,
  topology: Json = tinyTopology(keras),
  weights = tinyWeights(),
  layout: Hdf5Layout = 'classic',
): Promise<Uint8Array<ArrayBuffer>> {
  return writeHdf5((file) => {
    file.create_attribute('keras_version', keras === 3 ? '3.4.1' : '2.4.0');
    file.create_attribute('model_config', JSON.stringify(topology));
    file.create_attribute('training_config', '{}');
    const root = file.create_group('model_weights');
    const names = ['image', 'conv', 'bn', 'dw', 'add', 'head'];
    root.create_attribute('layer_names', names);
    for (const name of names) {
      const group = root.create_group(name);
      const own = weights.filter(({ layer }) => layer.split('/')[0] === name);
      if (own.length > 0)
        group.create_attribute(
          'weight_names',
          own.map((array) => nameInH5(array)),
        );
      for (const array of own) addTensor(groupAt(group, `scope_${array.layer.replace('/', '_')}`), `${array.role}:0`, array);
    }
    const optimizer = file.create_group('optimizer_weights');
    addTensor(optimizer, 'momentum:0', { shape: [8], values: new Float32Array(8) });
    // More than eight of each are kept in heaps by the newer layout.
    if (layout === 'newer') for (let index = 0; index < 12; index++) file.create_attribute(`note_${index}`, 'text');
    if (layout === 'newer') for (let index = 0; index < 12; index++) optimizer.create_group(`slot_${index}`);
  }, layout);
}

const nameInH5 = ({ layer, role }: StoredArray): string => `scope_${layer.replace('/', '_')}/${role}:0`;

function groupAt(parent: Group, name: string): Group {
  return parent.keys().includes(name) ? (parent.get(name) as Group) : parent.create_group(name);
}

/** The net's `model.weights.h5`: groups by class and order. */
export function tinyWeightStore(): Promise<Uint8Array<ArrayBuffer>> {
  const groups: readonly (readonly [layer: string, path: string])[] = [
    ['conv', 'layers/conv2d'],
    ['bn', 'layers/batch_normalization'],
    ['dw', 'layers/depthwise_conv2d'],
    ['head/logits', 'layers/sequential/layers/dense'],
  ];
  const weights = tinyWeights();
  return writeHdf5((file) => {
    for (const [layer, path] of groups) {
      let group: Group = file;
      for (const part of [...path.split('/'), 'vars']) group = groupAt(group, part);
      weights
        .filter((array) => array.layer === layer)
        .forEach((array, index) => {
          addTensor(group, String(index), array);
        });
    }
    addTensor(groupAt(groupAt(file, 'optimizer'), 'vars'), '0', { shape: [8], values: new Float32Array(8) });
  });
}

/** A `.keras` archive of a topology and a weight store. */
export function kerasArchive(topology: unknown, store: Uint8Array, version = '3.4.1'): Uint8Array<ArrayBuffer> {
  const text = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const entries = { 'metadata.json': text({ keras_version: version }), 'config.json': text(topology), 'model.weights.h5': store };
  return zip(entries);
}

/** A zip archive with fixed times. */
export function zip(entries: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  return zipSync(entries, { mtime: new Date(2020, 0, 1), level: 6 }) as Uint8Array<ArrayBuffer>;
}
