/**
 * Keras `.h5`/`.hdf5` (legacy whole-model files of Keras 2.0 to 3): the topology is the JSON attribute `model_config`; weights lie
 * in groups named after the layers, in the order that the attributes `layer_names` and `weight_names` give. Their own
 * names carry the scope of the graph they were made in and say nothing. Topology and weights may also come as two files.
 */
import type { Context } from '../../context.ts';
import type { Format, ReadOptions, SourceFile } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import { modelName } from '../files.ts';
import { type Hdf5Group, hdf5Start, openHdf5 } from '../hdf5/index.ts';
import { field, isObject, type JsonObject, parseJson } from '../json.ts';
import { findModelJson } from '../model-json.ts';
import { problems } from '../problems.ts';
import { createNotes } from '../repairs.ts';
import { assemble } from './assemble.ts';
import type { Holder } from './bind.ts';
import { bindClassGroups, isClassStore } from './class-groups.ts';
import { storedBytes } from './h5-tensors.ts';
import { bindLayerGroups } from './layer-groups.ts';
import type { StoredRanges } from './toolkit-state.ts';
import { kerasVersion, readTopology } from './topology.ts';
import { writeKerasH5 } from './write/h5.ts';
import { kerasLosses } from './write/losses.ts';

export const kerasH5: Format = {
  id: 'keras-h5',
  title: 'Keras HDF5',
  extensions: ['.h5', '.hdf5'],
  probe: async (files) => ((await findHdf5(files)).length > 0 ? 0.95 : 0),
  read: readKerasH5,
  write: (model, _options, context) => writeKerasH5(model, context),
  cannotExpress: (model) => kerasLosses(model, 2),
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
    // Weights that Keras 3 saved apart (`x.weights.h5`) lie as in a .keras archive.
    bind: (holders: readonly Holder[], ranges: StoredRanges) =>
      !isClassStore(weights) || weights.texts('layer_names') !== undefined
        ? bindLayerGroups(spec, holders, weights, notes, ranges)
        : bindClassGroups(spec, holders, weights, notes),
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
