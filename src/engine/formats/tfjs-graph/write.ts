/**
 * Writes a TF.js graph-model that stock `tf.loadGraphModel` opens: the topology, signature and metadata as they were read, the same groups
 * of tensors in the same order, and new shards of 4 MiB. The same model always gives the same bytes.
 */
import { type Context, checkpoint } from '../../context.ts';
import type { Loss, OutputFile, WriteOptions } from '../../format.ts';
import type { GraphSource } from '../../model/graph-source.ts';
import type { Json, Model, Weight, WeightId } from '../../model/model.ts';
import { slotsOf } from '../../slots.ts';
import { manifestEntry, shards } from '../tfjs-layers/manifest.ts';
import { lossOf, onOneGrid } from '../tfjs-layers/one-grid.ts';

/** The model as it stands in the file: every tensor on one grid. */
export function expressedGraph(model: Model): { readonly model: Model; readonly losses: readonly Loss[] } {
  const owners = new Map(slotsOf(model).map(({ id, node }) => [id, node]));
  const weights = new Map<WeightId, Weight>();
  const losses: Loss[] = [];
  for (const [id, weight] of model.weights) {
    const snapped = onOneGrid(weight);
    weights.set(id, snapped?.weight ?? weight);
    const owner = owners.get(id);
    if (snapped !== undefined && owner !== undefined) losses.push(...lossOf(weight, snapped, owner));
  }
  return { model: { ...model, weights }, losses };
}

/** Files of a graph-model, model.json first. */
export async function writeTfjsGraph(model: Model, options: WriteOptions, context: Context): Promise<readonly OutputFile[]> {
  const { groups, json } = model.graph as GraphSource;
  const { weights } = options.precision === 'encoded' ? expressedGraph(model).model : model;
  const files: OutputFile[] = [];
  const manifest: Json[] = [];
  let done = 0;
  for (const [index, group] of groups.entries()) {
    const entries: Json[] = [];
    const parts: Uint8Array[] = [];
    for (const { name, entry, bytes } of group) {
      await checkpoint(context);
      const weight = weights.get(name);
      if (weight === undefined) {
        entries.push(entry);
        parts.push(bytes ?? new Uint8Array());
      } else {
        const { quantization: _old, ...plain } = entry;
        const written = manifestEntry(name, weight, options.precision);
        entries.push({ ...plain, ...written.entry } as Json);
        parts.push(written.bytes);
      }
      context.report({ stage: 'write', done: ++done, total: weights.size });
    }
    const own = shards(parts, index + 1);
    files.push(...own);
    manifest.push({ paths: own.map(({ path }) => path), weights: entries });
  }
  const text = JSON.stringify({ format: 'graph-model', ...json, weightsManifest: manifest });
  return [{ path: 'model.json', bytes: new TextEncoder().encode(text) }, ...files];
}
