/**
 * TF.js layers-models: one model.json (by any name) with the topology and a weights manifest, and its shards. Opens what
 * stock TF.js opens, what it refuses because Keras 3 wrote the topology, and Teachable Machine's form without wrapper.
 */
import type { Context } from '../../context.ts';
import type { ReadOptions, SourceFile } from '../../format.ts';
import type { Json, Model } from '../../model/model.ts';
import { modelName } from '../files.ts';
import { arrayField, field, isObject, type JsonObject, parseJson } from '../json.ts';
import { assemble } from '../keras/assemble.ts';
import {
  bindByName,
  bindByOrder,
  bindingProblem,
  type Holder,
  isSeedState,
  plainName,
  type StoredTensor,
} from '../keras/bind.ts';
import { type StoredRanges, withoutState } from '../keras/toolkit-state.ts';
import { kerasVersion, readTopology } from '../keras/topology.ts';
import { findModelJson, type ModelJson } from '../model-json.ts';
import { problems } from '../problems.ts';
import { createNotes, type Notes } from '../repairs.ts';
import { readManifest } from './weights.ts';

/** Near 1 where one of the files is a TF.js model description. */
export async function probeTfjsLayers(files: readonly SourceFile[]): Promise<number> {
  const found = await findModelJson(files);
  return found.some(({ kind }) => kind === 'tfjs') ? 0.9 : 0;
}

/** Reads a layers-model. Throws FORMAT_TFJS_*, FORMAT_KERAS_*, FORMAT_WEIGHT_*, FORMAT_JSON, MODEL_*. */
export async function readTfjsLayers(files: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model> {
  const all = await findModelJson(files);
  const found = all.filter(({ kind }) => kind === 'tfjs');
  const [description, ...others] = found;
  if (description === undefined)
    throw problems.unknown(
      files.map((file) => file.path),
      'no model.json',
    );
  if (others.length > 0) throw problems.severalModels(found.map(({ file }) => file.path));
  const notes = createNotes();
  const { topology, keras, manifest } = readDescription(
    description,
    all.find(({ kind }) => kind === 'topology'),
    notes,
  );
  const spec = readTopology(topology, description.file.path, notes);
  const stored = await readManifest(manifest, description.file, files);
  if (stored.optimizerBytes > 0) notes.add('OPTIMIZER_STATE', undefined, `${stored.optimizerBytes} bytes.`);
  const extra = stored.others.map(({ name }) => name);
  if (extra.length > 0) notes.add('WEIGHT_EXTRA', undefined, `${extra.join(', ')}.`);
  const parts = {
    name: nameOf(description.file.path, spec.name),
    format: 'tfjs-layers',
    spec,
    keras,
    notes,
    bytes: description.file.size + stored.bytes,
    optimizerBytes: stored.optimizerBytes,
    bind: (holders: readonly Holder[], ranges: StoredRanges) => bind(holders, stored.tensors, notes, ranges),
  };
  return assemble(parts, options, context);
}

function nameOf(path: string, specName: string): string {
  const name = modelName(path);
  return name.toLowerCase() === 'model' && specName !== '' ? specName : name;
}

interface Description {
  /** `{ class_name, config }`. */
  readonly topology: JsonObject;
  readonly keras: 2 | 3;
  readonly manifest: readonly Json[];
}

/** A model.json whose topology is null takes the one that was given beside it (`model.to_json()`). */
function readDescription({ file, text }: ModelJson, beside: ModelJson | undefined, notes: Notes): Description {
  const json = parseJson(text, file.path);
  if (!isObject(json)) throw problems.json(file.path, 'it is not an object');
  const inside = field(json, 'modelTopology');
  const given = !isObject(inside) && beside !== undefined ? parseJson(beside.text, beside.file.path) : inside;
  if (!isObject(given)) throw problems.noTopology(file.path);
  if (field(json, 'format') === undefined) notes.add('TFJS_WITHOUT_FORMAT');
  const wrapped = field(given, 'model_config');
  if (field(given, 'training_config') !== undefined || field(json, 'trainingConfig') !== undefined) notes.add('TRAINING_CONFIG');
  const version = field(given, 'keras_version');
  const model = isObject(wrapped) ? wrapped : given;
  if (field(json, 'weightsManifest') === undefined) throw problems.noWeights(file.path);
  return {
    topology: model,
    keras: kerasVersion(typeof version === 'string' ? version : undefined, model),
    manifest: arrayField(json, 'weightsManifest', `"${file.path}"`),
  };
}

function bind(holders: readonly Holder[], all: readonly StoredTensor[], notes: Notes, ranges: StoredRanges) {
  const own = all.filter((tensor) => !isSeedState(tensor.name));
  if (own.length < all.length) notes.add('KERAS_SEED_STATE');
  const tensors = withoutState(own, ranges);
  const named = bindByName(holders, tensors);
  const bindings = named ?? bindByOrder(holders, tensors);
  if (bindings === undefined) throw bindingProblem(holders, tensors);
  const plain = holders.every((holder) =>
    bindings.get(holder.path)?.every((tensor) => plainName(tensor.name).startsWith(`${holder.chain.at(-1)}/`)),
  );
  if (!plain) notes.add('KERAS_WEIGHT_PATHS');
  return bindings;
}
