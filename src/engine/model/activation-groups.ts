/**
 * Which values of a model have a grid when its activations are quantized, by TFLite's rules (its quantization specification):
 *
 * - the inputs, and the output of every operator after fusion: of a convolution or dense layer, the BatchNormalization behind it and the
 *   relu or relu6 behind that, only the last value; so for Add and Multiply with a rectifier behind them;
 * - operators that only move, choose or average values have the grid of their inputs: those share one range;
 * - softmax and sigmoid have 1/256 and −128, tanh 1/128 and 0, log_softmax 16/256 and 127, whatever they are given.
 *
 * Values of stages count (see stages.ts). An operator that must share its grid with inputs whose grids are fixed shares only where all
 * inputs have the same one; otherwise its output has a range of its own with those that are free, and who writes it must rescale.
 */
import type { ActivationGrid } from './activation-grid.ts';
import type { Model, Node, ValueId } from './model.ts';
import type { TimeDistributedAttrs } from './ops/time-distributed.ts';
import { rowNumbers } from './row-numbers.ts';
import { staged } from './stages.ts';
import { consumersOf, inferShapes } from './topology.ts';

/** Operators whose output ranges are known beforehand. */
export type FixedRange = 'softmax' | 'sigmoid' | 'tanh' | 'log_softmax';

/** Values that share one range. */
export interface ActivationGroup {
  /** In the order in which they are made. */
  readonly values: readonly ValueId[];
  /** The layer that makes the first value; the input's name where none does. */
  readonly layer: string;
  /** All layers that make the values, those fused into them included; those that read an input where it is alone. */
  readonly layers: ReadonlySet<string>;
  readonly fixed: FixedRange | null;
}

const sharing: ReadonlySet<string> = new Set([
  'MaxPooling1D',
  'MaxPooling2D',
  'AveragePooling1D',
  'AveragePooling2D',
  'GlobalMaxPooling1D',
  'GlobalMaxPooling2D',
  'Maximum',
  'Minimum',
  'Concatenate',
  'Flatten',
  'Reshape',
  'Permute',
  'ZeroPadding2D',
  'Cropping2D',
  'UpSampling2D',
  'ZeroPadding1D',
  'Cropping1D',
  'UpSampling1D',
  'RepeatVector',
  'CenterCrop',
  'Resizing',
  ...['MaxPooling3D', 'AveragePooling3D', 'GlobalMaxPooling3D', 'ZeroPadding3D', 'Cropping3D', 'UpSampling3D'],
]);
const averaging: ReadonlySet<string> = new Set(['AveragePooling1D', 'AveragePooling2D', 'AveragePooling3D']);
const vanishing: ReadonlySet<string> = new Set(['Dropout', 'GaussianNoise', 'GaussianDropout']);
const weighted: ReadonlySet<string> = new Set([
  'Dense',
  'Conv1D',
  'Conv2D',
  'DepthwiseConv1D',
  'DepthwiseConv2D',
  'GroupedConv1D',
  'GroupedConv2D',
  'Conv3D',
]);
const rectified: ReadonlySet<string> = new Set([...weighted, 'EinsumDense', 'BatchNormalization', 'Add', 'Subtract', 'Multiply']);

/** The layer within a TimeDistributed, else the layer itself. */
const innermost = (node: Node): Pick<Node, 'op' | 'attrs'> =>
  node.op === 'TimeDistributed' ? (node.attrs as TimeDistributedAttrs).inner : node;

/** Whether a layer does nothing to the numbers of a trained network. */
export const vanishes = ({ op, attrs }: Node): boolean =>
  vanishing.has(op) || (op === 'Activation' && attrs.activation === 'linear');

/** Whether a layer's output must have the grid of its inputs. */
export const sharesGrid = (node: Node): boolean => sharing.has(innermost(node).op) || vanishes(node);

/** Whether a layer's output holds nothing but numbers of its inputs, and zeros: on the same grid it needs no rounding. */
export function movesValues(node: Node): boolean {
  const { op, attrs } = innermost(node);
  if (op === 'UpSampling2D' || op === 'Resizing') return attrs.interpolation === 'nearest';
  return vanishes(node) || (sharing.has(op) && !averaging.has(op));
}

/** Gives layers that only move values the grid of what they are given: those lie on it already. */
export function inheritGrids(nodes: readonly Node[], grids: Map<ValueId, ActivationGrid>): void {
  for (const node of nodes) {
    const [output = ''] = node.outputs;
    const [first, ...others] = node.inputs.map((id) => grids.get(id));
    if (first !== undefined && !grids.has(output) && movesValues(node) && others.every((grid) => grid === first))
      grids.set(output, first);
  }
}

function isRectifier({ op, attrs }: Node): boolean {
  if (op === 'Activation') return attrs.activation === 'relu' || attrs.activation === 'relu6';
  const { maxValue, negativeSlope, threshold } = attrs;
  return op === 'ReLU' && (maxValue === null || maxValue === 6) && negativeSlope === 0 && threshold === 0;
}

function fixedRange({ op, attrs }: Node): FixedRange | null {
  if (op === 'Softmax') return 'softmax';
  const word = op === 'Activation' ? attrs.activation : null;
  return word === 'softmax' || word === 'sigmoid' || word === 'tanh' || word === 'log_softmax' ? word : null;
}

const ranges = {
  8: { softmax: [0, 255 / 256], sigmoid: [0, 255 / 256], tanh: [-1, 127 / 128], log_softmax: [-255 / 16, 0] },
  // Steps of 1/32768; the logarithm has no 16-bit operator and takes what covers its 8-bit range.
  16: {
    softmax: [0, 32767 / 32768],
    sigmoid: [0, 32767 / 32768],
    tanh: [-32767 / 32768, 32767 / 32768],
    log_softmax: [-16, 0],
  },
} as const satisfies Record<8 | 16, Record<FixedRange, readonly [number, number]>>;

/** The grid that an operator has whatever it is given. */
export function fixedGrid(fixed: FixedRange, bits: 8 | 16): ActivationGrid {
  const [min, max] = ranges[bits][fixed];
  return { min, max, bits };
}

/** The values inside of what becomes one operator, with the layers that make them: they have no grid. Takes a staged model. */
export function fusedValues(model: Model): Map<ValueId, readonly string[]> {
  const consumers = consumersOf(model);
  const shapes = inferShapes(model);
  /** The only layer that reads a node's output, past layers that do nothing. */
  const onlyReader = (node: Node): { readonly reader: Node; readonly values: readonly ValueId[] } | null => {
    const [output = ''] = node.outputs;
    const [reader, ...others] = consumers.get(output) ?? [];
    if (reader === undefined || others.length > 0 || model.outputs.includes(output) || reader.inputs.length > 1) return null;
    if (!vanishes(reader)) return { reader, values: [output] };
    const further = onlyReader(reader);
    return further && { reader: further.reader, values: [output, ...further.values] };
  };
  const normalizes = ({ op, attrs, inputs: [input = ''] }: Node) =>
    op === 'BatchNormalization' && (attrs.axis === -1 || attrs.axis === shapes.get(input)?.length);
  const fused = new Map<ValueId, readonly string[]>();
  for (const node of model.nodes) {
    if (!rectified.has(node.op) || (node.attrs.activation ?? 'linear') !== 'linear') continue;
    const next = onlyReader(node);
    if (next === null) continue;
    const takes = isRectifier(next.reader) || (weighted.has(node.op) && normalizes(next.reader));
    if (!takes) continue;
    const before = node.inputs.flatMap((id) => fused.get(id) ?? []);
    for (const value of next.values) fused.set(value, [...before, node.name]);
  }
  return fused;
}

interface Draft {
  readonly members: Set<ValueId>;
  readonly layers: Set<string>;
  readonly layer: string;
  readonly fixed: FixedRange | null;
}

/** All values that have a grid, those with one range together, in the order in which they are made. */
export function activationGroups(unstaged: Model): readonly ActivationGroup[] {
  const model = staged(unstaged);
  const fused = fusedValues(model);
  const drafts = new Map<ValueId, Draft>();
  const begin = (value: ValueId, layer: string, layers: readonly string[], fixed: FixedRange | null): void => {
    drafts.set(value, { members: new Set([value]), layer, layers: new Set(layers), fixed });
  };
  const join = (into: Draft, { members, layers }: Draft): void => {
    for (const layer of layers) into.layers.add(layer);
    for (const value of members) {
      into.members.add(value);
      drafts.set(value, into);
    }
  };
  const readers = consumersOf(model);
  const numbers = rowNumbers(model);
  for (const { value, name, dtype } of model.inputs) {
    const layers = (readers.get(value) ?? []).map((node) => node.name);
    if (dtype === 'float32' && !numbers.has(value)) begin(value, name, layers, null);
  }
  for (const node of model.nodes) {
    const [output = ''] = node.outputs;
    if (fused.has(output) || numbers.has(output)) continue;
    const inputs = [...new Set(node.inputs.flatMap((id) => drafts.get(id) ?? []))];
    const within = node.inputs.flatMap((id) => fused.get(id) ?? []);
    begin(output, within[0] ?? node.name, [...within, node.name], fixedRange(node));
    if (!sharesGrid(node)) continue;
    const alike = inputs.every(({ fixed }) => fixed === inputs[0]?.fixed);
    const [target, ...rest] = alike ? inputs : inputs.filter(({ fixed }) => fixed === null);
    if (target === undefined) continue;
    for (const draft of [...rest, drafts.get(output)]) if (draft !== undefined) join(target, draft);
  }
  const order = [...drafts.keys()];
  return [...new Set(drafts.values())].map(({ members, ...draft }) => ({
    values: order.filter((value) => members.has(value)),
    ...draft,
  }));
}
