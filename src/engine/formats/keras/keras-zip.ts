/**
 * Keras `.keras` (v3): a zip of metadata.json, config.json and model.weights.h5. In the weights file a layer is called after its
 * class, not its name: `layers/conv2d_1/vars/0` is the first tensor of the second Conv2D of its model; nested models recurse
 * (keras/src/saving/saving_lib.py).
 */
import type { Context } from '../../context.ts';
import { isZip } from '../../data/zip.ts';
import type { Format, ReadOptions, SourceFile } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import { archiveEntries, modelName } from '../files.ts';
import { type Hdf5Group, openHdf5 } from '../hdf5/index.ts';
import { field, isObject, parseJsonBytes } from '../json.ts';
import { problems } from '../problems.ts';
import { createNotes, type Notes } from '../repairs.ts';
import { assemble } from './assemble.ts';
import { type Bindings, bindByOrder, bindingProblem, type Holder, type StoredTensor } from './bind.ts';
import { storedBytes, storedTensor } from './h5.ts';
import { kerasVersion, type ModelSpec, readTopology } from './topology.ts';

export const kerasZip: Format = {
  id: 'keras',
  title: 'Keras',
  extensions: ['.keras'],
  probe: async (files) => ((await findKeras(files)).length > 0 ? 0.97 : 0),
  read: readKeras,
};

async function findKeras(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const file of files) {
    const bytes = await file.bytes();
    if (isZip(bytes) && archiveEntries(bytes, file.path).some(({ path }) => path === 'config.json')) found.push(file);
  }
  return found;
}

async function readKeras(files: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model> {
  const found = await findKeras(files);
  const [file, ...others] = found;
  if (file === undefined)
    throw problems.unknown(
      files.map(({ path }) => path),
      'no .keras archive',
    );
  if (others.length > 0) throw problems.severalModels(found.map(({ path }) => path));
  const notes = createNotes();
  const entries = new Map(archiveEntries(await file.bytes(), file.path).map((entry) => [entry.path, entry]));
  const topology = await readJson(entries.get('config.json'), file.path);
  const metadata = entries.has('metadata.json') ? await readJson(entries.get('metadata.json'), file.path) : {};
  const version = isObject(metadata) ? field(metadata, 'keras_version') : undefined;
  const spec = readTopology(topology, file.path, notes);
  if (isObject(topology) && field(topology, 'compile_config') !== undefined) notes.add('TRAINING_CONFIG');
  const store = entries.get('model.weights.h5');
  if (store === undefined) throw problems.damaged(file.path, storeProblem(entries));
  const root = openHdf5(await store.bytes(), `${file.path}/${store.path}`);
  const optimizer = root.get('optimizer');
  const optimizerBytes = optimizer?.kind === 'group' ? storedBytes(optimizer) : 0;
  if (optimizerBytes > 0) notes.add('OPTIMIZER_STATE', undefined, `${optimizerBytes} bytes.`);
  const parts = {
    name: modelName(file.path),
    format: kerasZip.id,
    spec,
    keras: kerasVersion(typeof version === 'string' ? version : undefined, topology),
    notes,
    bytes: file.size,
    optimizerBytes,
    bind: (holders: readonly Holder[]) => bindClasses(spec, holders, root, notes),
  };
  return assemble(parts, options, context);
}

async function readJson(entry: SourceFile | undefined, path: string) {
  if (entry === undefined) throw problems.damaged(path, 'it has no config.json');
  return parseJsonBytes(await entry.bytes(), `${path}/${entry.path}`);
}

function storeProblem(entries: ReadonlyMap<string, SourceFile>): string {
  const other = [...entries.keys()].find((path) => /weights/.test(path));
  return other === undefined ? 'it holds no weights' : `its weights are kept in "${other}"; only model.weights.h5 is read`;
}

function bindClasses(spec: ModelSpec, holders: readonly Holder[], root: Hdf5Group, notes: Notes): Bindings {
  const stored = new Map<string, readonly StoredTensor[]>();
  collect(spec, root, '', stored, notes);
  const bindings: Bindings = new Map();
  for (const holder of holders) {
    const tensors = stored.get(holder.path) ?? [];
    const bound = bindByOrder([holder], tensors);
    if (bound === undefined) throw bindingProblem([holder], tensors);
    bindings.set(holder.path, bound.get(holder.path) ?? []);
    stored.delete(holder.path);
  }
  const unused = [...stored].filter(([, tensors]) => tensors.length > 0).map(([path]) => path);
  if (unused.length > 0) throw problems.weightUnused(unused);
  notes.add('KERAS_CLASS_ORDER');
  return bindings;
}

/** Walks a model's layers and the groups that stand for them; `path` is the model's own, with a closing `/`. */
function collect(
  spec: ModelSpec,
  group: Hdf5Group,
  path: string,
  stored: Map<string, readonly StoredTensor[]>,
  notes: Notes,
): void {
  const container = group.get('layers') ?? group.get('_layer_checkpoint_dependencies');
  if (container?.kind !== 'group') return;
  const used = new Map<string, number>();
  for (const layer of spec.layers) {
    const name = snakeCase(layer.className);
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    const own = container.get(count === 0 ? name : `${name}_${count}`);
    if (own?.kind !== 'group') continue;
    if (own.get('seed_generator') !== undefined) notes.add('KERAS_SEED_STATE', path + layer.name);
    if (layer.nested !== undefined) collect(layer.nested, own, `${path}${layer.name}/`, stored, notes);
    else stored.set(path + layer.name, variables(own));
  }
}

function variables(layer: Hdf5Group): StoredTensor[] {
  const vars = layer.get('vars');
  if (vars?.kind !== 'group') return [];
  return [...vars.names]
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((name) => {
      const dataset = vars.get(name);
      return dataset?.kind === 'dataset' ? [storedTensor(name, dataset)] : [];
    });
}

/** Keras' own naming: `SeparableConv2D` → `separable_conv2d`, `PReLU` → `p_re_lu`. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
