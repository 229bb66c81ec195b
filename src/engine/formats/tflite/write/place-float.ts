/**
 * The kinds whose activations are floats: float32; float16, where each stored half is widened by a DEQUANTIZE that interpreters do once;
 * dynamic, where convolutions and dense layers have int8 kernels and the interpreter quantizes what flows into them as it goes.
 */

import type { TfliteOptions } from '../../../format.ts';
import { halfMax } from '../../../math/half.ts';
import { floats, halves, indices, integers, state } from './constants.ts';
import type { FileGraph, FileOperator, FileTensor } from './file-graph.ts';
import type { FlowTensor, Graph, GraphOperator, GraphTensor, KernelTensor, VectorTensor } from './graph.ts';
import { notWritable } from './refusal.ts';
import { roundedCodes, type SignedCodes } from './signed-codes.ts';

/** What holds a tensor's numbers where none is rounded. */
export const floatTypeOf = ({ isBool, isIndex }: FlowTensor): FileTensor['type'] =>
  isBool ? 'BOOL' : isIndex ? 'INT32' : 'FLOAT32';

export type FloatKind = 'float32' | 'float16' | 'dynamic';

/** Smaller kernels of floats gain nothing as integers; TensorFlow's converter draws the same line. */
const smallestRounded = 1024;

/** The codes that a kernel of this kind of file has; null where it stays float. */
export function dynamicCodes(kernel: KernelTensor): SignedCodes | null {
  if (kernel.floatWithFloats) return null;
  if (kernel.alike) return kernel.codes ?? roundedCodes(kernel.values, kernel.shape, null);
  if (kernel.codes !== null || kernel.origin === null) return kernel.codes;
  const { kind } = kernel.origin.encoding;
  if (kernel.values.length < smallestRounded && kind !== 'affine' && kind !== 'codebook') return null;
  // A FULLY_CONNECTED has one scale.
  return roundedCodes(kernel.values, kernel.shape, kernel.shape.length === 2 ? null : kernel.axis);
}

/** The tensor, whose numbers halves can hold. */
function fitting<T extends KernelTensor | VectorTensor>(tensor: T, layer: string): T {
  if (tensor.values.every((value) => !(Math.abs(value) > halfMax))) return tensor;
  const reason = `some of its weights lie beyond ±${halfMax}, the largest float16`;
  throw notWritable(layer, reason, 'Choose another kind of file.');
}

/** The file's graph. */
export function placeFloat(
  graph: Graph,
  kind: FloatKind,
  { anyBatch = false, int4 = false }: Pick<TfliteOptions, 'anyBatch' | 'int4'> = {},
): FileGraph {
  const operators: FileOperator[] = [];
  const flows = new Map<FlowTensor, FileTensor>();
  const flow = (tensor: FlowTensor): FileTensor => {
    const known = flows.get(tensor);
    if (known !== undefined) return known;
    const made: FileTensor = { name: tensor.name, shape: tensor.shape, type: floatTypeOf(tensor) };
    flows.set(tensor, made);
    return made;
  };
  const widened = (half: FileTensor): FileTensor => {
    const output: FileTensor = { name: `${half.name}/float`, shape: half.shape, type: 'FLOAT32' };
    operators.push({ code: 'DEQUANTIZE', inputs: [half], output, options: { table: 'DequantizeOptions' } });
    return output;
  };
  const constants = new Map<GraphTensor, FileTensor>();
  const constant = (tensor: Exclude<GraphTensor, FlowTensor>, operator: GraphOperator): FileTensor => {
    const made = constants.get(tensor) ?? stored(tensor, operator);
    constants.set(tensor, made);
    return made;
  };
  const stored = (tensor: Exclude<GraphTensor, FlowTensor>, { layer }: GraphOperator): FileTensor => {
    if (tensor.kind === 'index') return indices(tensor);
    if (tensor.kind === 'state') return state(tensor);
    const isHalf = tensor.kind === 'kernel' ? tensor.origin !== null : tensor.isHalf;
    if (kind === 'float16' && isHalf) return widened(halves(fitting(tensor, layer)));
    const codes = kind === 'dynamic' && tensor.kind === 'kernel' ? dynamicCodes(tensor) : null;
    return codes === null || tensor.kind === 'vector'
      ? floats(tensor)
      : integers(tensor, codes, { each: tensor.shape.length > 2, int4 });
  };
  const place = (operator: GraphOperator): void => {
    const inputs = operator.inputs.map((tensor) => {
      if (tensor === null) return null;
      return tensor.kind === 'flow' ? flow(tensor) : constant(tensor, operator);
    });
    const { code, options } = operator;
    const chooses = options?.table === 'FullyConnectedOptions' || options?.table === 'UnidirectionalSequenceLSTMOptions';
    const hybrid = chooses && inputs[1]?.type.startsWith('INT');
    operators.push({
      code,
      inputs,
      output: flow(operator.output),
      options: hybrid ? { ...options, asymmetricInputs: true } : options,
    });
  };
  for (const operator of graph.operators) place(operator);
  const ports = (list: Graph['inputs']) => list.map(({ name, tensor }) => ({ name, tensor: flow(tensor) }));
  return { name: graph.name, inputs: ports(graph.inputs), outputs: ports(graph.outputs), operators, anyBatch };
}
