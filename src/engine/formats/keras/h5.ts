/**
 * Keras `.h5`/`.hdf5` (legacy whole-model files of Keras 2.0 to 3): the topology is the JSON attribute `model_config`; weights lie
 * in groups named after the layers, in the order that the attributes `layer_names` and `weight_names` give. Their own
 * names carry the scope of the graph they were made in and say nothing. Topology and weights may also come as two files.
 */
import type { Context } from '../../context.ts';
import type { Format, ReadOptions, SourceFile } from '../../format.ts';
import { float32 } from '../../model/encoding.ts';
import type { Model } from '../../model/model.ts';
import { modelName } from '../files.ts';
import { type Hdf5Dataset, type Hdf5Group, hdf5Start, openHdf5 } from '../hdf5/index.ts';
import { field, isObject, type JsonObject, parseJson } from '../json.ts';
import { findModelJson } from '../model-json.ts';
import { problems } from '../problems.ts';
import { createNotes, type Notes } from '../repairs.ts';
import { assemble } from './assemble.ts';
import { type Bindings, bindByName, bindByOrder, bindingProblem, type Holder, isSeedState, type StoredTensor } from './bind.ts';
import { kerasVersion, type ModelSpec, readTopology } from './topology.ts';

export const kerasH5: Format = {
  id: 'keras-h5',
  title: 'Keras HDF5',
  extensions: ['.h5', '.hdf5'],
  probe: async (files) => ((await findHdf5(files)).length > 0 ? 0.95 : 0),
  read: readKerasH5,
};

async function findHdf5(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const file of files) if (hdf5Start(await file.bytes()) >= 0) found.push(file);
  return found;
}

async function readKerasH5(files: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model> {
  const found = await findHdf5(files);
  const [file, ...others] = found;
  if (file === undefined)
    throw problems.unknown(
      files.map(({ path }) => path),
      'no HDF5 file',
    );
  if (others.length > 0) throw problems.severalModels(found.map(({ path }) => path));
  const notes = createNotes();
  const root = openHdf5(await file.bytes(), file.path);
  const { topology, version, bytes } = await findTopology(root, file, files);
  if (root.texts('training_config') !== undefined) notes.add('TRAINING_CONFIG');
  const optimizer = root.get('optimizer_weights');
  const optimizerBytes = optimizer?.kind === 'group' ? storedBytes(optimizer) : 0;
  if (optimizerBytes > 0) notes.add('OPTIMIZER_STATE', undefined, `${optimizerBytes} bytes.`);
  const spec = readTopology(topology, file.path, notes);
  const weights = root.get('model_weights') ?? root;
  if (weights.kind !== 'group') throw problems.damaged(file.path, '"model_weights" is not a group');
  const parts = {
    name: modelName(file.path),
    format: kerasH5.id,
    spec,
    keras: kerasVersion(version ?? weights.texts('keras_version')?.[0], topology),
    notes,
    bytes: file.size + bytes,
    optimizerBytes,
    bind: (holders: readonly Holder[]) => bindGroups(spec, holders, weights, notes),
  };
  return assemble(parts, options, context);
}

/** The topology in the file itself, or in the one JSON file given beside it. */
async function findTopology(
  root: Hdf5Group,
  file: SourceFile,
  files: readonly SourceFile[],
): Promise<{ topology: JsonObject; version: string | undefined; bytes: number }> {
  const inside = root.texts('model_config')?.[0];
  const beside = inside === undefined ? (await findModelJson(files)).find(({ kind }) => kind === 'topology') : undefined;
  const text = inside ?? beside?.text;
  if (text === undefined) throw problems.noTopology(file.path);
  const topology = parseJson(text, beside?.file.path ?? file.path);
  if (!isObject(topology)) throw problems.json(file.path, 'the topology is not an object');
  const written = field(topology, 'keras_version');
  const version = root.texts('keras_version')?.[0] ?? (typeof written === 'string' ? written : undefined);
  return { topology, version, bytes: beside?.file.size ?? 0 };
}

/** Bytes of all tensors below a group, each object counted once per link and at most a million links. */
export function storedBytes(group: Hdf5Group): number {
  let bytes = 0;
  let links = 0;
  const walk = (current: Hdf5Group, depth: number): void => {
    for (const name of current.names) {
      const child = current.get(name);
      if (++links > 1e6 || depth > 32) return;
      if (child?.kind === 'dataset') bytes += child.byteLength;
      else if (child !== undefined) walk(child, depth + 1);
    }
  };
  walk(group, 0);
  return bytes;
}

/** A dataset as a tensor to be paired. */
export function storedTensor(name: string, dataset: Hdf5Dataset): StoredTensor {
  return {
    name,
    shape: dataset.shape,
    load() {
      const values = dataset.read();
      if (values instanceof Float64Array) return { values: Float32Array.from(values), encoding: float32, converted: true };
      const half = dataset.type.kind === 'float' && dataset.type.size === 2;
      return { values, encoding: half ? { kind: 'float16' } : float32, converted: false };
    },
  };
}

/** A list attribute; h5py cuts those over 64 kB into `name0`, `name1` … */
function listAttribute(group: Hdf5Group, name: string): string[] | undefined {
  const whole = group.texts(name);
  if (whole !== undefined) return [...whole];
  const list: string[] = [];
  for (let chunk = 0; ; chunk++) {
    const part = group.texts(`${name}${chunk}`);
    if (part === undefined) return chunk === 0 ? undefined : list;
    list.push(...part);
  }
}

function bindGroups(spec: ModelSpec, holders: readonly Holder[], root: Hdf5Group, notes: Notes): Bindings {
  const names = listAttribute(root, 'layer_names') ?? root.names;
  const stored = new Map(names.map((name) => [name, tensorsOf(root, name, notes)]));
  const byLayer = new Map<string, Holder[]>();
  for (const holder of holders) {
    const outer = holder.chain[0] ?? '';
    byLayer.set(outer, [...(byLayer.get(outer) ?? []), holder]);
  }
  const groups = matchGroups(spec, byLayer, stored, notes);
  const bindings: Bindings = new Map();
  for (const [layer, own] of byLayer) {
    const tensors = groups.get(layer) ?? [];
    const bound = bindByOrder(own, tensors) ?? bindByName(own, tensors);
    if (bound === undefined) throw bindingProblem(own, tensors);
    if (own.length === 1 && tensors.some(({ name }) => !isScoped(name, layer))) notes.add('KERAS_WEIGHT_PATHS', layer);
    for (const [path, found] of bound) bindings.set(path, found);
  }
  return bindings;
}

/** True where a weight's name is bare (`kernel`) or has its layer's scope (`conv2d/kernel:0`). */
function isScoped(name: string, layer: string): boolean {
  return !name.includes('/') || name.startsWith(`${layer}/`);
}

/** Groups by layer name; where names differ (weights saved by another session), those with weights by their order, as Keras does. */
function matchGroups(
  spec: ModelSpec,
  byLayer: ReadonlyMap<string, readonly Holder[]>,
  stored: ReadonlyMap<string, readonly StoredTensor[]>,
  notes: Notes,
): ReadonlyMap<string, readonly StoredTensor[]> {
  const filled = [...stored].filter(([, tensors]) => tensors.length > 0);
  const unknown = filled.filter(([name]) => !byLayer.has(name));
  if (unknown.length === 0) return stored;
  const layers = spec.layers.map((layer) => layer.name).filter((name) => byLayer.has(name));
  if (layers.length !== filled.length) throw problems.weightUnused(unknown.map(([name]) => name));
  notes.add('KERAS_LAYER_ORDER');
  return new Map(layers.map((name, index) => [name, filled[index]?.[1] ?? []]));
}

function tensorsOf(root: Hdf5Group, layer: string, notes: Notes): StoredTensor[] {
  const group = root.get(layer);
  if (group?.kind !== 'group') return [];
  const tensors: StoredTensor[] = [];
  for (const name of listAttribute(group, 'weight_names') ?? []) {
    const dataset = group.get(name);
    if (dataset?.kind !== 'dataset') throw problems.weightMissing(layer, [name], group.names);
    if (isSeedState(name)) notes.add('KERAS_SEED_STATE', layer);
    else tensors.push(storedTensor(name, dataset));
  }
  return tensors;
}
