/** What a function that Keras saved as a layer becomes: layers that compute exactly the same, or a refusal by its name. */
import type { Json, Shape } from '../../model/model.ts';
import { field, isArray, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { Argument, FunctionCall } from './function-calls.ts';

/** One of the layers that a function becomes. */
export interface FunctionLayer {
  readonly className: string;
  readonly config: JsonObject;
  /** Tensors of the call, or what a layer before it made, by its name; the layer before alone where absent. */
  readonly inputs?: readonly (number | string)[];
  /** A name by which later ones ask for what it makes. */
  readonly as?: string;
}

/** Functions of one tensor that an Activation layer computes. */
const activations: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['relu', 'relu6', 'sigmoid', 'tanh', 'softplus', 'softsign', 'silu', 'selu', 'hard_sigmoid', 'hard_silu', 'hard_tanh'],
      ...['log_sigmoid', 'mish', 'tanh_shrink', 'sparse_plus', 'sparse_sigmoid', 'squareplus'],
    ].map((name) => [name, name]),
  ),
  exp: 'exponential',
  swish: 'silu',
};

type Build = (call: FunctionCall, shapes: readonly (Shape | undefined)[]) => readonly FunctionLayer[] | undefined;

const layerOf = (className: string, config: JsonObject = {}, inputs?: readonly (number | string)[]): FunctionLayer => ({
  className,
  config,
  ...(inputs ? { inputs } : {}),
});
const rescaling = (scale: Json, offset: Json, inputs?: readonly number[]) => layerOf('Rescaling', { scale, offset }, inputs);

/** A number, or numbers along the last axis. */
function constantOf(argument: Argument | undefined): number | readonly number[] | undefined {
  if (argument === undefined || !('constant' in argument)) return undefined;
  const value = isObject(argument.constant) ? arrayValue(argument.constant) : argument.constant;
  if (typeof value === 'number') return value;
  const numbers = isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
  return numbers ? (value as number[]) : undefined;
}

/** What Keras 3 writes for an array of NumPy. */
function arrayValue(object: JsonObject): Json | undefined {
  const config = field(object, 'config');
  return isObject(config) ? field(config, 'value') : undefined;
}

const each = (value: number | readonly number[], change: (item: number) => number): Json =>
  typeof value === 'number' ? change(value) : value.map(change);

/** A function of two operands: two tensors, or one and a constant on the right or the left. */
function binary(
  className: string | null,
  right: ((value: number | readonly number[]) => FunctionLayer[] | undefined) | null,
  left = right,
): Build {
  return ({ arguments: [a, b] }) => {
    if (a !== undefined && b !== undefined && 'tensor' in a && 'tensor' in b) {
      return className === null ? undefined : [layerOf(className, {}, [a.tensor, b.tensor])];
    }
    const form = a !== undefined && 'tensor' in a ? right : left;
    const value = constantOf(a !== undefined && 'tensor' in a ? b : a);
    return value === undefined ? undefined : form?.(value);
  };
}

const least = (limit: number): FunctionLayer => layerOf('ReLU', { max_value: limit, negative_slope: 1 });
const single = (value: number | readonly number[], build: (value: number) => FunctionLayer[]): FunctionLayer[] | undefined =>
  typeof value === 'number' ? build(value) : undefined;

const add = binary('Add', (value) => [rescaling(1, value as Json)]);
const subtract = binary(
  'Subtract',
  (value) => [
    rescaling(
      1,
      each(value, (item) => -item),
    ),
  ],
  (value) => [rescaling(-1, value as Json)],
);
const multiply = binary('Multiply', (value) => [rescaling(value as Json, 0)]);
const divide = binary(
  null,
  (value) => [
    rescaling(
      each(value, (item) => 1 / item),
      0,
    ),
  ],
  null,
);
const maximum = binary('Maximum', (value) =>
  single(value, (limit) => (limit === 0 ? [layerOf('ReLU')] : [rescaling(-1, 0), least(-limit), rescaling(-1, 0)])),
);
const minimum = binary('Minimum', (value) => single(value, (limit) => [least(limit)]));

/** A mean or maximum over all places of a picture or a sequence. */
const reduction =
  (word: 'Average' | 'Max'): Build =>
  ({ options }, [shape]) => {
    const rank = (shape?.length ?? 0) + 1;
    const given = field(options, 'axis');
    const axes = (isArray(given) ? given : [given]).map((axis) => (typeof axis === 'number' && axis < 0 ? axis + rank : axis));
    const over = axes.sort().join();
    if ((rank !== 3 || over !== '1') && (rank !== 4 || over !== '1,2')) return undefined;
    return [layerOf(`Global${word}Pooling${rank - 2}D`, { keepdims: field(options, 'keepdims') === true })];
  };

const ofLastAxis = (axis: Json | undefined): boolean => axis === undefined || axis === null || axis === -1;

/** A list that may stand in the options or as the second argument. */
function listOf(call: FunctionCall, names: readonly string[]): readonly Json[] | undefined {
  const [, argument] = call.arguments;
  const given = argument !== undefined && 'constant' in argument ? argument.constant : undefined;
  const value = names.map((name) => field(call.options, name)).find((option) => option !== undefined && option !== null) ?? given;
  return isArray(value) ? value : undefined;
}

const reshape: Build = (call) => {
  const target = listOf(call, ['newshape', 'shape']);
  if (target === undefined || (target[0] !== -1 && target[0] !== null)) return undefined;
  return [layerOf('Reshape', { target_shape: target.slice(1) })];
};

const transpose: Build = (call) => {
  const axes = listOf(call, ['axes', 'perm']);
  return axes?.[0] === 0 ? [layerOf('Permute', { dims: axes.slice(1) })] : undefined;
};

const reshapedTo = (shape: Shape): FunctionLayer | undefined =>
  shape.filter((size) => size === null).length > 1
    ? undefined
    : layerOf('Reshape', { target_shape: shape.map((size) => size ?? -1) });

interface Part {
  readonly start: number;
  readonly end: number;
  /** A single index: its axis goes. */
  readonly drops: boolean;
}

/** What an index takes of an axis; undefined for what is not contiguous. */
function partOf(index: Json, length: number | null): Part | 'all' | undefined {
  const place = (value: number): number => Math.min(Math.max(value < 0 ? value + (length ?? 0) : value, 0), length ?? 0);
  if (typeof index === 'number') return length === null ? undefined : { start: place(index), end: place(index) + 1, drops: true };
  if (!isObject(index)) return undefined;
  const config = field(index, 'config');
  const [start, stop, step] = ['start', 'stop', 'step'].map((name) => field(isObject(config) ? config : index, name) ?? null);
  if (step !== null && step !== 1) return undefined;
  if (start === null && stop === null) return 'all';
  const numbers = [start, stop].every((bound) => bound === null || typeof bound === 'number');
  if (length === null || !numbers) return undefined;
  return { start: place((start ?? 0) as number), end: place((stop ?? length) as number), drops: false };
}

/** A contiguous part along one axis of a sample, cropped as one of a picture; undefined where a size is open. */
function cropped(shape: Shape, axis: number, { start, end }: Pick<Part, 'start' | 'end'>): FunctionLayer[] | undefined {
  const length = shape[axis] ?? Number.NaN;
  const around = [shape.slice(0, axis), shape.slice(axis + 1)].map((list) =>
    list.reduce<number>((product, size) => product * (size ?? Number.NaN), 1),
  );
  if ([length, ...around].some(Number.isNaN)) return undefined;
  const cropping = [
    [0, 0],
    [start, length - end],
  ];
  const target = shape.map((size, at) => (at === axis ? end - start : (size as number)));
  return [
    layerOf('Reshape', { target_shape: [around[0] as number, length, around[1] as number] }),
    layerOf('Cropping2D', { cropping }),
    layerOf('Reshape', { target_shape: target }),
  ];
}

/** The first half along an axis, times the sigmoid of the second (Dauphin et al. 2017). */
const glu: Build = ({ options }, [shape]) => {
  const given = field(options, 'axis') ?? -1;
  if (shape === undefined || typeof given !== 'number') return undefined;
  const axis = (given < 0 ? given + shape.length + 1 : given) - 1;
  const half = (shape[axis] ?? Number.NaN) / 2;
  const halves = [0, half].map((start) => cropped(shape, axis, { start, end: start + half }));
  if (!Number.isInteger(half) || halves.some((layers) => layers === undefined)) return undefined;
  const [left = [], right = []] = halves.map((layers) =>
    (layers ?? []).map((layer, i) => (i === 0 ? { ...layer, inputs: [0] } : layer)),
  );
  const named = left.map((layer, i) => (i === left.length - 1 ? { ...layer, as: 'left' } : layer));
  const gate = { ...layerOf('Activation', { activation: 'sigmoid' }), as: 'gate' };
  return [...named, ...right, gate, layerOf('Multiply', {}, ['left', 'gate'])];
};

/** `x[:, 1:4, 0]`: contiguous parts and single places, the batch whole; each axis is cropped as one of a picture. */
const getItem: Build = ({ arguments: [, argument] }, [shape]) => {
  if (shape === undefined || argument === undefined || !('constant' in argument)) return undefined;
  const given = argument.constant;
  const items = isObject(given) ? field(given, 'items') : given;
  const indices = isArray(items) ? items : [given];
  const [batch, ...rest] = indices;
  if (batch === undefined || partOf(batch, null) !== 'all' || rest.length > shape.length) return undefined;
  const layers: FunctionLayer[] = [];
  const sizes: (number | null)[] = [...shape];
  const dropped = new Set<number>();
  for (const [axis, index] of rest.entries()) {
    const part = partOf(index, sizes[axis] ?? null);
    if (part === undefined) return undefined;
    if (part === 'all') continue;
    const length = sizes[axis] as number;
    if (part.end <= part.start) return undefined;
    if (part.drops) dropped.add(axis);
    if (part.end - part.start === length) continue;
    const cut = cropped(sizes, axis, part);
    if (cut === undefined) return undefined;
    sizes[axis] = part.end - part.start;
    layers.push(...cut);
  }
  const left = sizes.filter((_, axis) => !dropped.has(axis));
  const last = dropped.size === 0 ? undefined : reshapedTo(left);
  if (dropped.size > 0 && last === undefined) return undefined;
  return [...layers, ...(last ? [last] : [])];
};

const expandDims: Build = ({ options }, [shape]) => {
  const given = field(options, 'axis');
  if (shape === undefined || typeof given !== 'number') return undefined;
  const axis = given < 0 ? given + shape.length + 2 : given;
  const layer = axis < 1 ? undefined : reshapedTo([...shape.slice(0, axis - 1), 1, ...shape.slice(axis - 1)]);
  return layer && [layer];
};

const squeeze: Build = ({ options }, [shape]) => {
  const given = field(options, 'axis');
  if (shape === undefined || typeof given !== 'number') return undefined;
  const axis = (given < 0 ? given + shape.length + 1 : given) - 1;
  const layer = shape[axis] === 1 ? reshapedTo(shape.filter((_, index) => index !== axis)) : undefined;
  return layer && [layer];
};

const builders: Readonly<Record<string, Build>> = {
  ...{ add, sub: subtract, subtract, mul: multiply, multiply, truediv: divide, true_divide: divide, divide, maximum, minimum },
  negative: () => [rescaling(-1, 0)],
  neg: () => [rescaling(-1, 0)],
  square: () => [layerOf('Multiply', {}, [0, 0])],
  absolute: () => [layerOf('ReLU', { negative_slope: -1 })],
  abs: () => [layerOf('ReLU', { negative_slope: -1 })],
  gelu: ({ options }) => [layerOf('Activation', { activation: field(options, 'approximate') === true ? 'gelu_new' : 'gelu' })],
  elu: ({ options }) => [layerOf('ELU', { alpha: field(options, 'alpha') ?? 1 })],
  leaky_relu: ({ options }) => [
    layerOf('LeakyReLU', { alpha: field(options, 'negative_slope') ?? field(options, 'alpha') ?? 0.2 }),
  ],
  glu,
  sparsemax: ({ options }) =>
    ofLastAxis(field(options, 'axis')) ? [layerOf('Activation', { activation: 'sparsemax' })] : undefined,
  // x above the threshold, else zero; another value than zero is not read.
  threshold: ({ options }) => {
    const [theta, otherwise] = [field(options, 'threshold'), field(options, 'default_value') ?? field(options, 'value')];
    return typeof theta === 'number' && otherwise === 0 ? [layerOf('ThresholdedReLU', { theta })] : undefined;
  },
  softmax: ({ options }) => [layerOf('Softmax', { axis: field(options, 'axis') ?? -1 })],
  log_softmax: ({ options }) =>
    ofLastAxis(field(options, 'axis')) ? [layerOf('Activation', { activation: 'log_softmax' })] : undefined,
  ...{ mean: reduction('Average'), reduce_mean: reduction('Average'), max: reduction('Max'), reduce_max: reduction('Max') },
  concatenate: ({ options, arguments: list }) => [
    layerOf(
      'Concatenate',
      { axis: field(options, 'axis') ?? -1 },
      list.flatMap((item) => ('tensor' in item ? item.tensor : [])),
    ),
  ],
  ...{ reshape, transpose, get_item: getItem, getitem: getItem, expand_dims: expandDims, squeeze },
};

const withoutAlias: Readonly<Record<string, string>> = { concat: 'concatenate' };

/** The layers that compute the same, given the shapes of the call's tensors. Throws FORMAT_KERAS_UNSUPPORTED_LAYER. */
export function layersOfFunction(
  call: FunctionCall,
  shapes: readonly (Shape | undefined)[],
  layer: string,
): readonly FunctionLayer[] {
  const name = withoutAlias[call.name] ?? call.name;
  const activation = Object.hasOwn(activations, name) ? activations[name] : undefined;
  const plain = call.arguments.every((argument) => 'tensor' in argument);
  if (activation !== undefined && plain) return [layerOf('Activation', { activation })];
  const built = Object.hasOwn(builders, name) ? builders[name]?.(call, shapes) : undefined;
  if (built !== undefined) return built;
  throw problems.unsupportedLayer(
    layer,
    call.name,
    `It is a bare function call in Python, "${call.name}", and no layer here computes it with these arguments.`,
    'Use the layer that does the same (Add, Multiply, Rescaling, Reshape, Activation …) in Keras and save again.',
  );
}
