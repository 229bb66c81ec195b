/** The grid of every tensor that flows: the model's for its values, and of what lies between, what operators that keep the grid hand on. */
import { type ActivationGrid, type GridSteps, stepsOf } from '../../../model/activation-grid.ts';
import type { ValueId } from '../../../model/model.ts';
import type { FlowTensor, Graph } from './graph.ts';
import { ruleOf } from './integer-kernels.ts';
import { notWritable } from './refusal.ts';

export function flowGrids(graph: Graph, activations: ReadonlyMap<ValueId, ActivationGrid>): Map<FlowTensor, GridSteps> {
  const grids = new Map<FlowTensor, GridSteps>();
  const take = (tensor: FlowTensor): void => {
    const grid = tensor.value === null ? undefined : activations.get(tensor.value);
    if (grid?.bits === 16) {
      const remedy = 'Calibrate with 8 bits, or save in another format.';
      throw notWritable(tensor.name, 'its activations have 16 bits, and this studio writes 8 for TFLite', remedy);
    }
    if (grid !== undefined) grids.set(tensor, stepsOf(grid));
  };
  for (const { tensor } of graph.inputs) take(tensor);
  for (const { output } of graph.operators) take(output);
  const hand = (from: FlowTensor, to: FlowTensor): void => {
    const grid = grids.get(from);
    if (grid !== undefined && !grids.has(to)) grids.set(to, grid);
  };
  const keeping = graph.operators.flatMap(({ code, inputs: [input], output }) =>
    ruleOf(code) === 'shared' && code !== 'CONCATENATION' && input?.kind === 'flow' ? [{ input, output }] : [],
  );
  for (const { input, output } of keeping) hand(input, output);
  for (const { input, output } of keeping.reverse()) hand(output, input);
  return grids;
}
