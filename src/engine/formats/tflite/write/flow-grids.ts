/** The grid of every tensor that flows: the model's for its values, and of what lies between, what operators that keep the grid hand on. */
import { type ActivationGrid, type GridSteps, stepsOf } from '../../../model/activation-grid.ts';
import type { ValueId } from '../../../model/model.ts';
import type { FlowTensor, Graph } from './graph.ts';
import { ruleOf } from './integer-kernels.ts';

export function flowGrids(
  graph: Graph,
  activations: ReadonlyMap<ValueId, ActivationGrid>,
  bits: 8 | 16,
): Map<FlowTensor, GridSteps> {
  const grids = new Map<FlowTensor, GridSteps>();
  const take = (tensor: FlowTensor): void => {
    const grid = tensor.value === null ? undefined : activations.get(tensor.value);
    if (grid !== undefined) grids.set(tensor, stepsOf(grid));
  };
  for (const { tensor } of graph.inputs) take(tensor);
  for (const { output } of graph.operators) take(output);
  const hand = (from: FlowTensor, to: FlowTensor): void => {
    const grid = grids.get(from);
    if (grid !== undefined && !grids.has(to)) grids.set(to, grid);
  };
  const keeping = graph.operators.flatMap(({ code, inputs, output, floats }) => {
    const flows = inputs.filter((tensor) => tensor?.kind === 'flow');
    return ruleOf(code, bits) === 'shared' && !floats ? [{ flows, output }] : [];
  });
  // What several tensors go into may need a wider grid than any of theirs.
  for (const { flows, output } of keeping) if (flows.length === 1 && flows[0]) hand(flows[0], output);
  for (const { flows, output } of keeping.reverse()) for (const input of flows) hand(output, input);
  return grids;
}
