/**
 * Writes a Keras 3 archive (keras/src/saving/saving_lib.py): metadata.json, config.json and model.weights.h5, stored unpacked as Keras does.
 * Weights are float32 in groups called after the class of their layer. Dates are those of an empty clock, so that the same model always gives the same bytes.
 */
import { zipSync } from 'fflate';
import { type Context, checkpoint } from '../../../context.ts';
import type { OutputFile } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';
import { directions } from '../../../model/ops/bidirectional.ts';
import { outputScope, projections } from '../../../model/ops/multi-head-attention.ts';
import { type GroupToWrite, type TensorToWrite, writeHdf5 } from '../../hdf5/write.ts';
import type { WrittenLayer } from '../../tfjs-layers/write-topology.ts';
import { groupName } from '../class-groups.ts';
import { recurrentKinds } from '../masks.ts';
import { type KerasTopology, kerasTopology } from './config.ts';
import { withoutMaskInputs } from './mask-inputs.ts';
import { adaptedTo, refuseUnsayable } from './spelling.ts';

/** The version whose layout this is. */
const metadata = { keras_version: '3.3.3', date_saved: '1980-01-01@00:00:00' };

/** One file, `model.keras`. Throws EXPORT_LAYER where Keras has no such layer. */
export async function writeKeras(given: Model, context: Context): Promise<readonly OutputFile[]> {
  refuseUnsayable(given, 3);
  const { model } = withoutMaskInputs(given);
  await checkpoint(context);
  const topology = kerasTopology(model);
  const store = writeHdf5(weightStore(model, topology));
  await checkpoint(context);
  const text = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const entries = { 'metadata.json': text(metadata), 'config.json': text(topology.config), 'model.weights.h5': store };
  const bytes = zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) }) as Uint8Array<ArrayBuffer>;
  context.report({ stage: 'write', done: 1, total: 1 });
  return [{ path: 'model.keras', bytes }];
}

/** A group per layer, `conv2d`, `conv2d_1` …, each with its tensors in `vars`. */
function weightStore(model: Model, { stored }: KerasTopology): GroupToWrite {
  const counts = new Map<string, number>();
  const layers = new Map<string, GroupToWrite>();
  for (const { name, className, weights = [] } of stored) {
    const group = groupName(className);
    const count = counts.get(group) ?? 0;
    counts.set(group, count + 1);
    layers.set(count === 0 ? group : `${group}_${count}`, layerGroup(model, name, className, weights));
  }
  const own = { attributes: { name: model.name }, children: new Map<string, TensorToWrite>() };
  return {
    children: new Map<string, GroupToWrite>([
      ['layers', { children: layers }],
      ['vars', own],
    ]),
  };
}

/**
 * A layer's tensors in `vars`, which every layer has; those of recurrent layers belong to their cell, one for each direction, and their own
 * `vars` are empty.
 */
function layerGroup(model: Model, name: string, className: string, weights: WrittenLayer['weights']): GroupToWrite {
  const vars = (chosen: WrittenLayer['weights']): GroupToWrite => {
    const tensors = chosen.flatMap(({ id }): TensorToWrite[] => [model.weights.get(id) ?? []].flat());
    const all = className === 'Normalization' && tensors.length > 0 ? [...tensors, adaptedTo] : tensors;
    return { attributes: { name }, children: new Map(all.map((tensor, index) => [String(index), tensor])) };
  };
  const cell = (chosen: WrittenLayer['weights']): GroupToWrite => ({
    children: new Map([
      ['cell', { children: new Map([['vars', vars(chosen)]]) }],
      ['vars', vars([])],
    ]),
  });
  if (className === 'Bidirectional') {
    const [ahead, against] = directions.map((scope) => cell(weights.filter(({ role }) => role.startsWith(scope))));
    return {
      children: new Map(
        ahead && against
          ? [
              ['forward_layer', ahead],
              ['backward_layer', against],
              ['vars', vars([])],
            ]
          : [],
      ),
    };
  }
  if (recurrentKinds.has(className)) return cell(weights);
  if (className === 'TimeDistributed') {
    const step: GroupToWrite = { children: new Map([['vars', vars(weights)]]) };
    return {
      children: new Map([
        ['layer', step],
        ['vars', vars([])],
      ]),
    };
  }
  if (weights.some(({ role }) => role.startsWith(`${outputScope}/`))) {
    const parts = [...projections.map(({ scope }) => [scope, scope] as const), [outputScope, 'output'] as const];
    return {
      children: new Map([
        ...parts.map(([scope, part]): [string, GroupToWrite] => [
          // All versions find it by this name.
          `_${part}_dense`,
          { children: new Map([['vars', vars(weights.filter(({ role }) => role.startsWith(`${scope}/`)))]]) },
        ]),
        ['vars', vars([])],
      ]),
    };
  }
  return { children: new Map([['vars', vars(weights)]]) };
}
