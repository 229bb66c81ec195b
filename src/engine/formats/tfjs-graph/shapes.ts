/**
 * Shapes of what flows in a graph, as far as they can be known without running it: batch first, null where a size is open, undefined
 * where nothing is known. Shapes that the graph itself computes (Shape, StridedSlice, Pack …) are followed as lists of sizes.
 * Sizes of windows follow the TensorFlow documentation of `tf.nn.convolution`.
 */
import { type Attributes, attributesOf } from './attributes.ts';
import type { GraphNode } from './nodes.ts';

export type Size = number | null;

export interface Known {
  readonly shape?: readonly Size[] | undefined;
  /** A small list, or a single one, of whole numbers; null where one is open. */
  readonly numbers?: readonly Size[] | undefined;
}

interface Call {
  readonly inputs: readonly Known[];
  readonly attr: Attributes;
}

type Rule = (call: Call) => readonly Size[] | undefined;

const shapeAt = ({ inputs }: Call, index: number) => inputs[index]?.shape;
const numbersAt = ({ inputs }: Call, index: number) => inputs[index]?.numbers;
const product = (sizes: readonly Size[]): number => sizes.reduce<number>((all, size) => all * (size ?? Number.NaN), 1);

const same: Rule = (call) => shapeAt(call, 0);

const broadcast: Rule = ({ inputs }) => {
  let result: readonly Size[] = [];
  for (const { shape } of inputs) {
    if (shape === undefined) return undefined;
    const rank = Math.max(result.length, shape.length);
    const [a, b] = [result, shape].map((sizes) => [...new Array<Size>(rank - sizes.length).fill(1), ...sizes]);
    result = (a as Size[]).map((size, axis) => {
      const other = b?.[axis] as Size;
      if (size === 1 || (size === null && other !== 1)) return other;
      return size;
    });
  }
  return result;
};

/** Outputs along one axis. `pad` is [before, after] for explicit padding. */
function windows(size: Size, kernel: number, stride: number, padding: string, pad: readonly number[]): Size {
  if (size === null) return null;
  if (padding === 'SAME') return Math.ceil(size / stride);
  return Math.max(0, Math.floor((size + (pad[0] ?? 0) + (pad[1] ?? 0) - kernel) / stride) + 1);
}

function windowed(call: Call, kernelAt: (axis: number) => Size | undefined, channels: (given: Size) => Size | undefined) {
  const shape = shapeAt(call, 0);
  const { attr } = call;
  const strides = attr.integers('strides');
  const dilations = attr.integers('dilations');
  if (shape?.length !== 4 || strides.length !== 4) return undefined;
  const first = attr.text('data_format') === 'NCHW';
  const [padding, explicit] = [attr.text('padding').toUpperCase(), attr.integers('explicit_paddings')];
  const result = shape.map((size, axis): Size | undefined => {
    if (axis === 0) return size;
    if (axis === (first ? 1 : 3)) return channels(size);
    const kernel = kernelAt(first ? axis - 2 : axis - 1);
    if (kernel === undefined || kernel === null) return undefined;
    const reach = (kernel - 1) * (dilations[axis] ?? 1) + 1;
    return windows(
      size,
      reach,
      strides[axis] ?? 1,
      padding,
      padding === 'EXPLICIT' ? explicit.slice(2 * axis, 2 * axis + 2) : [],
    );
  });
  return result.every((size) => size !== undefined && !Number.isNaN(size)) ? (result as Size[]) : undefined;
}

const convolution: Rule = (call) => {
  const kernel = shapeAt(call, 1);
  return windowed(
    call,
    (axis) => kernel?.[axis],
    () => kernel?.[3],
  );
};

const depthwise: Rule = (call) => {
  const kernel = shapeAt(call, 1);
  const of = (size: Size | undefined) => (typeof size === 'number' ? size : Number.NaN);
  return windowed(
    call,
    (axis) => kernel?.[axis],
    () => of(kernel?.[2]) * of(kernel?.[3]),
  );
};

const pooling: Rule = (call) => {
  const sizes = call.attr.integers('ksize');
  const first = call.attr.text('data_format') === 'NCHW';
  return windowed(
    call,
    (axis) => sizes[first ? axis + 2 : axis + 1],
    (given) => given,
  );
};

const matrixProduct: Rule = (call) => {
  const [a, b] = [shapeAt(call, 0), shapeAt(call, 1)];
  if (a === undefined || b === undefined || a.length < 2 || b.length < 2) return undefined;
  const [left, right] = [call.attr.flag('transpose_a') || call.attr.flag('adj_x'), transposesSecond(call.attr)];
  const outer = broadcast({ ...call, inputs: [{ shape: a.slice(0, -2) }, { shape: b.slice(0, -2) }] });
  return outer && [...outer, a.at(left ? -1 : -2) as Size, b.at(right ? -2 : -1) as Size];
};

/** Whether a product reads its second matrix transposed. */
export const transposesSecond = (attr: Attributes): boolean => attr.flag('transpose_b') || attr.flag('adj_y');

const padded: Rule = (call) => {
  const [shape, pads] = [shapeAt(call, 0), numbersAt(call, 1)];
  if (shape === undefined || pads?.length !== 2 * shape.length) return undefined;
  return shape.map((size, axis) => added(size, added(pads[2 * axis] as Size, pads[2 * axis + 1] as Size)));
};

const added = (a: Size, b: Size): Size => (a === null || b === null ? null : a + b);

/** The batch goes through untouched, or the whole is known; a batch that is mixed with other axes is not followed. */
const reshaped: Rule = (call) => {
  const [shape, wanted] = [shapeAt(call, 0), numbersAt(call, 1)];
  if (shape === undefined || wanted === undefined) return undefined;
  const open = (size: Size): boolean => size === null || size === -1;
  const rest = wanted.slice(1);
  const inner = product(shape.slice(1));
  if (rest.filter(open).length === 1 && wanted.length > 0) {
    const others = product(rest.filter((size) => !open(size)));
    const keeps = open(wanted[0] as Size) ? wanted[0] === null || shape[0] !== null : wanted[0] === shape[0];
    const missing = inner / others;
    return keeps && Number.isSafeInteger(missing)
      ? [shape[0] ?? null, ...rest.map((size) => (open(size) ? missing : size))]
      : undefined;
  }
  if (rest.some(open)) return undefined;
  if (wanted.length > 0 && open(wanted[0] as Size)) {
    if (inner === product(rest)) return [shape[0] ?? null, ...rest];
    const first = product(shape) / product(rest);
    return Number.isSafeInteger(first) ? [first, ...rest] : undefined;
  }
  return wanted;
};

const squeezed: Rule = (call) => {
  const shape = shapeAt(call, 0);
  const axes = [...call.attr.integers('squeeze_dims'), ...call.attr.integers('axis')];
  if (shape === undefined || (axes.length === 0 && shape.includes(null))) return undefined;
  const gone = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return shape.filter((size, axis) => (axes.length === 0 ? size !== 1 : !gone.has(axis)));
};

const expanded: Rule = (call) => {
  const [shape, axes] = [shapeAt(call, 0), numbersAt(call, 1)];
  const axis = axes?.[0];
  if (shape === undefined || typeof axis !== 'number') return undefined;
  return shape.toSpliced(axis < 0 ? axis + shape.length + 1 : axis, 0, 1);
};

const transposed: Rule = (call) => {
  const [shape, order] = [shapeAt(call, 0), numbersAt(call, 1)];
  if (shape === undefined || order?.length !== shape.length) return undefined;
  const result = order.map((axis) => shape[axis ?? -1]);
  return result.every((size) => size !== undefined) ? (result as Size[]) : undefined;
};

const joined: Rule = ({ inputs }) => {
  const axis = inputs.at(-1)?.numbers?.[0];
  const shapes = inputs.slice(0, -1).map(({ shape }) => shape);
  const [first] = shapes;
  if (typeof axis !== 'number' || first === undefined || shapes.some((shape) => shape?.length !== first.length)) return undefined;
  const at = axis < 0 ? axis + first.length : axis;
  return first.map((size, index) =>
    index === at ? shapes.reduce<Size>((sum, shape) => added(sum, shape?.[at] ?? null), 0) : size,
  );
};

const reduced: Rule = (call) => {
  const [shape, axes] = [shapeAt(call, 0), numbersAt(call, 1)];
  if (shape === undefined || axes === undefined) return undefined;
  const gone = new Set(axes.map((axis) => (axis !== null && axis < 0 ? axis + shape.length : axis)));
  if (call.attr.flag('keep_dims')) return shape.map((size, axis) => (gone.has(axis) ? 1 : size));
  return shape.filter((_, axis) => !gone.has(axis));
};

const resized: Rule = (call) => {
  const [shape, size] = [shapeAt(call, 0), numbersAt(call, 1)];
  if (shape?.length !== 4 || size?.length !== 2) return undefined;
  return [shape[0] as Size, size[0] as Size, size[1] as Size, shape[3] as Size];
};

const split: Rule = (call) => {
  const [axes, shape] = [numbersAt(call, 0), shapeAt(call, 1)];
  const axis = axes?.[0];
  const parts = call.attr.integer('num_split', 0);
  if (shape === undefined || typeof axis !== 'number' || parts < 1) return undefined;
  const at = axis < 0 ? axis + shape.length : axis;
  return shape.map((size, index) => (index !== at || size === null ? size : Math.floor(size / parts)));
};

const named = (names: string, rule: Rule): (readonly [string, Rule])[] => names.split(' ').map((name) => [name, rule] as const);

const rules = new Map<string, Rule>([
  ...named(
    'Identity Snapshot StopGradient PlaceholderWithDefault BiasAdd Relu Relu6 LeakyRelu Elu Selu Sigmoid Tanh Softplus Softmax LogSoftmax Exp Log',
    same,
  ),
  ...named('Sqrt Rsqrt Square Neg Abs Sign Round Floor Ceil Reciprocal Erf Cast ClipByValue LRN Prelu LogicalNot', same),
  ...named('FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 FakeQuantWithMinMaxVars EnsureShape ZerosLike OnesLike', same),
  ...named('Add AddV2 AddN Sub Mul RealDiv Div DivNoNan FloorDiv Maximum Minimum Pow SquaredDifference Mod FloorMod', broadcast),
  ...named('Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr Select SelectV2', broadcast),
  ...named('Conv2D _FusedConv2D', convolution),
  ...named('DepthwiseConv2d DepthwiseConv2dNative FusedDepthwiseConv2dNative', depthwise),
  ...named('MaxPool AvgPool', pooling),
  ...named('MatMul _FusedMatMul BatchMatMul BatchMatMulV2', matrixProduct),
  ...named('Pad PadV2 MirrorPad', padded),
  ...named('Reshape', reshaped),
  ...named('Squeeze', squeezed),
  ...named('ExpandDims', expanded),
  ...named('Transpose', transposed),
  ...named('ConcatV2', joined),
  ...named('Mean Sum Max Min Prod All Any', reduced),
  ...named('ResizeBilinear ResizeNearestNeighbor', resized),
  ...named('Split', split),
]);

/** Lists of sizes that a graph computes from shapes. */
const listRules: Readonly<Record<string, (call: Call) => readonly Size[] | undefined>> = {
  Shape: (call) => shapeAt(call, 0),
  Identity: (call) => numbersAt(call, 0),
  Cast: (call) => numbersAt(call, 0),
  Pack: ({ inputs }) => concatenated(inputs),
  ConcatV2: ({ inputs }) => concatenated(inputs.slice(0, -1)),
  Mul: (call) => pairwise(call, (a, b) => a * b),
  Prod: (call) => {
    const sizes = numbersAt(call, 0);
    return sizes && [sizes.includes(null) ? null : product(sizes)];
  },
  StridedSlice(call) {
    const [list, begin, end, stride] = [0, 1, 2, 3].map((index) => numbersAt(call, index));
    const plain = ['ellipsis_mask', 'new_axis_mask'].every((mask) => call.attr.integer(mask, 0) === 0);
    if (list === undefined || begin?.length !== 1 || stride?.[0] !== 1 || !plain) return undefined;
    const from = call.attr.integer('begin_mask', 0) === 1 ? 0 : (begin[0] ?? 0);
    if (call.attr.integer('shrink_axis_mask', 0) === 1) return list.slice(from).slice(0, 1);
    return list.slice(from, call.attr.integer('end_mask', 0) === 1 ? undefined : (end?.[0] ?? undefined));
  },
};

function concatenated(inputs: readonly Known[]): readonly Size[] | undefined {
  const lists = inputs.map(({ numbers }) => numbers);
  return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
}

function pairwise(call: Call, of: (a: number, b: number) => number): readonly Size[] | undefined {
  const [a, b] = [numbersAt(call, 0), numbersAt(call, 1)];
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.map((size, index) => (size === null || b[index] === null ? null : of(size, b[index] as number)));
}

/** No list of sizes is longer. */
export const mostNumbers = 64;

/** What is known of the first value that a node makes. */
export function inferNode(node: GraphNode, inputs: readonly Known[]): Known {
  const call: Call = { inputs, attr: attributesOf(node.attr) };
  const numbers = Object.hasOwn(listRules, node.op) ? listRules[node.op]?.(call) : undefined;
  const shape = rules.get(node.op)?.(call);
  return {
    shape: shape?.every((size) => size === null || (Number.isSafeInteger(size) && size >= 0)) ? shape : undefined,
    numbers: numbers !== undefined && numbers.length <= mostNumbers ? numbers : undefined,
  };
}
