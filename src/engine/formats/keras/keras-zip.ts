/**
 * Keras `.keras` (v3): a zip of metadata.json, config.json (the topology) and model.weights.h5 (see class-groups.ts)
 * or model.weights.npz (npz-store.ts). Written by `write/`.
 */
import type { Context } from '../../context.ts';
import type { Format, ReadOptions, SourceFile } from '../../format.ts';
import type { Model } from '../../model/model.ts';
import { isZip } from '../../zip.ts';
import { archiveEntries, modelName } from '../files.ts';
import { type Hdf5Group, openHdf5 } from '../hdf5/index.ts';
import { field, isObject, parseJsonBytes } from '../json.ts';
import { problems } from '../problems.ts';
import { createNotes } from '../repairs.ts';
import { assemble } from './assemble.ts';
import type { Holder } from './bind.ts';
import { bindClassGroups } from './class-groups.ts';
import { storedBytes } from './h5-tensors.ts';
import { openNpzStore } from './npz-store.ts';
import { kerasVersion, readTopology } from './topology.ts';
import { writeKeras } from './write/archive.ts';
import { kerasLosses } from './write/losses.ts';

export const kerasZip: Format = {
  id: 'keras',
  title: 'Keras',
  extensions: ['.keras'],
  probe: async (files) => ((await findKeras(files)).length > 0 ? 0.97 : 0),
  read: readKeras,
  write: (model, _options, context) => writeKeras(model, context),
  cannotExpress: (model) => kerasLosses(model, 3),
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
  const root = await openStore(entries, file.path);
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
    bind: (holders: readonly Holder[]) => bindClassGroups(spec, holders, root, notes),
  };
  return assemble(parts, options, context);
}

async function readJson(entry: SourceFile | undefined, path: string) {
  if (entry === undefined) throw problems.damaged(path, 'it has no config.json');
  return parseJsonBytes(await entry.bytes(), `${path}/${entry.path}`);
}

async function openStore(entries: ReadonlyMap<string, SourceFile>, path: string): Promise<Hdf5Group> {
  const h5 = entries.get('model.weights.h5');
  if (h5 !== undefined) return openHdf5(await h5.bytes(), `${path}/${h5.path}`);
  const npz = entries.get('model.weights.npz');
  if (npz !== undefined) return openNpzStore(npz, path);
  const other = [...entries.keys()].find((name) => /weights/.test(name));
  throw problems.damaged(
    path,
    other === undefined
      ? 'it holds no weights'
      : `its weights are kept in "${other}"; only model.weights.h5 and model.weights.npz are read`,
  );
}
