/**
 * The order in which Keras itself lists a functional model's layers (`map_graph` in keras/src/ops/function.py): by depth, which is the
 * longest way to an output, deepest first; layers of equal depth as a walk from the outputs back meets them. Groups of weights are
 * counted in this order when Keras opens a file, so it must be the file's.
 */
import type { Model, Node, ValueId } from '../../../model/model.ts';
import type { WrittenLayer } from '../../tfjs-layers/write-topology.ts';

/** The positions of inputs (0 …) and layers (behind the inputs) of a model in Keras' order. */
export function inKerasOrder(model: Model, layers: readonly WrittenLayer[]): number[] {
  const makers = new Map<ValueId, number>();
  const calls: { readonly layer: number; readonly node: Node | null }[] = model.inputs.map(({ value }, layer) => {
    makers.set(value, layer);
    return { layer, node: null };
  });
  for (const [index, { calls: nodes }] of layers.entries()) {
    for (const node of nodes) {
      for (const value of node.outputs) makers.set(value, calls.length);
      calls.push({ layer: model.inputs.length + index, node });
    }
  }
  const makersOf = (values: readonly ValueId[]): number[] => values.flatMap((value) => makers.get(value) ?? []);
  const graph = calls.map(({ layer, node }) => ({ layer, from: node === null ? [] : makersOf(node.inputs) }));
  return kerasOrder(model.inputs.length + layers.length, graph, makersOf(model.outputs));
}

interface OrderedCall {
  /** The layer that is called. */
  readonly layer: number;
  /** Calls that make its inputs, in the order of the inputs. */
  readonly from: readonly number[];
}

/** Layers 0 … layerCount−1 in Keras' order, those that lead to no output last. `outputs` are calls; calls have no cycle. */
function kerasOrder(layerCount: number, calls: readonly OrderedCall[], outputs: readonly number[]): number[] {
  const { met, finished } = walk(calls, outputs);
  const callDepth = new Map<number, number>();
  const layerDepth = new Map<number, number>();
  for (const call of finished.reverse()) {
    const { layer, from } = calls[call] as OrderedCall;
    const depth = Math.max(callDepth.get(call) ?? 0, layerDepth.get(layer) ?? 0);
    layerDepth.set(layer, depth);
    for (const source of from) callDepth.set(source, Math.max(depth + 1, callDepth.get(source) ?? 0));
  }
  const depthOf = (layer: number): number => layerDepth.get(layer) ?? 0;
  // An input that nothing reads comes before the others of its depth.
  const turn = (layer: number): number => met.get(layer) ?? -1;
  return Array.from({ length: layerCount }, (_, layer) => layer).sort((a, b) => depthOf(b) - depthOf(a) || turn(a) - turn(b));
}

/** Depth first from the outputs back: when each layer was met, and the calls in the order in which they were finished. */
function walk(calls: readonly OrderedCall[], outputs: readonly number[]): { met: Map<number, number>; finished: number[] } {
  const met = new Map<number, number>();
  const finished: number[] = [];
  const seen = new Set<number>();
  for (const output of outputs) {
    const stack: { readonly call: number; next: number }[] = [];
    const enter = (call: number): void => {
      if (seen.has(call)) return;
      seen.add(call);
      const { layer } = calls[call] as OrderedCall;
      if (!met.has(layer)) met.set(layer, met.size);
      stack.push({ call, next: 0 });
    };
    enter(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const source = (calls[top.call] as OrderedCall).from[top.next++];
      if (source !== undefined) enter(source);
      else finished.push((stack.pop() as { call: number }).call);
    }
  }
  return { met, finished };
}
