/**
 * What running a model means, layer by layer: its stages where values have grids, else the layer itself, with the values that are no
 * longer needed behind it. A value with a grid is rounded to it as soon as it is made.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { type GridSteps, stepsOf } from '../model/activation-grid.ts';
import { movesValues } from '../model/activation-groups.ts';
import type { Model, Node, ValueId } from '../model/model.ts';
import type { Op } from '../model/op.ts';
import { opOf } from '../model/ops/index.ts';
import { stagesOf } from '../model/stages.ts';
import { fakeQuantizeTensor } from './fake-quantize.ts';

export interface Step {
  readonly node: Node;
  /** What the layer runs as: itself, or its stages where values have grids. */
  readonly stages: readonly { readonly node: Node; readonly op: Op; readonly output: ValueId }[];
  readonly output: ValueId;
  /** Values that no later node reads. */
  readonly spent: readonly ValueId[];
}

/** The steps of a model. */
export function planSteps(model: Model): Step[] {
  const lastReader = new Map<ValueId, number>();
  model.nodes.forEach((node, index) => {
    for (const id of [...node.outputs, ...node.inputs]) lastReader.set(id, index);
  });
  for (const id of model.outputs) lastReader.delete(id);
  return model.nodes.map((node, index) => {
    const [output = ''] = node.outputs;
    const spent = [...new Set([...node.inputs, output])].filter((id) => lastReader.get(id) === index);
    const nodes = model.activations === undefined ? [node] : stagesOf(node, model);
    const stages = nodes.map((stage) => ({ node: stage, op: opOf(stage.op), output: stage.outputs[0] ?? '' }));
    return { node, stages, output, spent };
  });
}

export type Grids = ReadonlyMap<ValueId, GridSteps>;
export type Roles = Readonly<Record<string, tf.Tensor>>;

/** The steps of each grid; one object where values have one grid. */
export function gridsOf({ activations }: Model): Grids {
  const known = new Map([...new Set(activations?.values())].map((grid) => [grid, stepsOf(grid)]));
  return new Map([...(activations ?? [])].map(([id, grid]) => [id, known.get(grid) as GridSteps]));
}

/** One layer on its inputs, stage by stage. Call it inside of `tf.tidy`. */
export function runLayer(
  { stages }: Step,
  roles: readonly Roles[],
  grids: Grids,
  valueNamed: (id: ValueId) => tf.Tensor,
): tf.Tensor {
  const inside = new Map<ValueId, tf.Tensor>();
  let y: tf.Tensor | undefined;
  for (const [index, { node, op, output }] of stages.entries()) {
    const inputs = node.inputs.map((id) => inside.get(id) ?? valueNamed(id));
    y = op.forward({ inputs, attrs: node.attrs, weights: roles[index] ?? {}, training: false });
    const grid = grids.get(output);
    const rounded = movesValues(node) && node.inputs.every((id) => grids.get(id) === grid);
    if (grid !== undefined && !rounded) y = fakeQuantizeTensor(y, grid);
    inside.set(output, y);
  }
  return y as tf.Tensor;
}
