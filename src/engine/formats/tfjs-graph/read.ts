/**
 * TF.js graph-models: SavedModels and frozen graphs that tensorflowjs_converter turned into model.json and its shards. The graph stays as
 * it is, for TF.js' own executor; the model's nodes list its operators with the float constants that each reads.
 */
import { type Context, checkpoint } from '../../context.ts';
import type { ReadOptions, SourceFile } from '../../format.ts';
import type { GraphSource, GraphTensor } from '../../model/graph-source.ts';
import type { Json, Model, Weight, WeightId } from '../../model/model.ts';
import { validateModel } from '../../model/topology.ts';
import { modelName } from '../files.ts';
import { arrayField, field, isObject, type JsonObject, objectField, parseJson } from '../json.ts';
import { findModelJson, type ModelJson } from '../model-json.ts';
import { reportNonFinite } from '../non-finite.ts';
import { problems } from '../problems.ts';
import { createNotes } from '../repairs.ts';
import { readManifest, type StoredWeights } from '../tfjs-layers/weights.ts';
import { readNodes } from './nodes.ts';
import { operatorKind } from './operators.ts';
import { portsOf } from './ports.ts';
import { viewOf } from './view.ts';

/** Near 1 where one of the files describes a graph-model. */
export async function probeTfjsGraph(files: readonly SourceFile[]): Promise<number> {
  const found = await findModelJson(files);
  return found.some(({ kind }) => kind === 'graph') ? 0.9 : 0;
}

/** Reads a graph-model. Throws FORMAT_GRAPH_*, FORMAT_TFJS_*, FORMAT_WEIGHT_*, FORMAT_STRUCTURE, FORMAT_JSON, MODEL_*. */
export async function readTfjsGraph(files: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model> {
  const found = (await findModelJson(files)).filter(({ kind }) => kind === 'graph');
  const [description, ...others] = found;
  if (description === undefined)
    throw problems.unknown(
      files.map((file) => file.path),
      'no model.json',
    );
  if (others.length > 0) throw problems.severalModels(found.map(({ file }) => file.path));
  const { path } = description.file;
  const json = readJson(description);
  const topology = objectField(json, 'modelTopology', `"${path}"`);
  if (field(json, 'weightsManifest') === undefined) throw problems.noWeights(path);
  const manifest = arrayField(json, 'weightsManifest', `"${path}"`);
  const nodes = readNodes(topology, path);
  const ports = portsOf(json, nodes, path);
  const stored = await readManifest(manifest, description.file, files);
  const notes = createNotes();
  notes.add('GRAPH_MODEL');
  const weights = await readWeights(stored, context);
  if ([...weights.values()].some(({ encoding }) => encoding.kind === 'affine')) notes.add('GRAPH_CODES');
  const volumes = nodes.filter(({ op }) => /3D/.test(op)).map(({ op }) => op);
  if (volumes.length > 0) notes.add('GRAPH_VOLUMES', undefined, `${[...new Set(volumes)].join(', ')}.`);
  reportNonFinite(weights, options, notes);
  const { weightsManifest: _manifest, ...rest } = json;
  const graph: GraphSource = {
    json: rest,
    groups: groupsOf(manifest, stored),
    feeds: ports.feeds,
    fetches: ports.fetches,
    batch: ports.batch,
    dynamic: nodes.some(({ op }) => operatorKind(op) === 'dynamic'),
  };
  const view = viewOf(nodes, ports, weights, stored);
  const model: Model = {
    name: modelName(path),
    ...view,
    weights,
    graph,
    source: {
      format: 'tfjs-graph',
      bytes: description.file.size + stored.bytes,
      optimizerBytes: stored.optimizerBytes,
      notes: notes.list(),
    },
  };
  validateModel(model);
  return model;
}

function readJson({ file, text }: ModelJson): JsonObject {
  const json = parseJson(text, file.path);
  if (!isObject(json)) throw problems.json(file.path, 'it is not an object');
  return json;
}

async function readWeights({ tensors }: StoredWeights, context: Context): Promise<Map<WeightId, Weight>> {
  const weights = new Map<WeightId, Weight>();
  for (const { name, shape, load } of tensors) {
    await checkpoint(context);
    if (weights.has(name)) throw problems.structure('weightsManifest', `two tensors are called "${name}"`);
    const { values, encoding } = load();
    weights.set(name, { shape, values, encoding });
    context.report({ stage: 'open', done: weights.size, total: tensors.length });
  }
  return weights;
}

function groupsOf(manifest: readonly Json[], stored: StoredWeights): GraphTensor[][] {
  const floats = new Set(stored.tensors.map(({ name }) => name));
  const others = new Map(stored.others.map((tensor) => [tensor.name, tensor]));
  return manifest.map((group) =>
    arrayField(group as JsonObject, 'weights', 'weightsManifest').flatMap((json) => {
      const entry = json as JsonObject;
      const name = String(field(entry, 'name'));
      if (floats.has(name)) return [{ name, entry }];
      const other = others.get(name);
      return other === undefined ? [] : [{ name, entry, bytes: other.bytes() }];
    }),
  );
}
