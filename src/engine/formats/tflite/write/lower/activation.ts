/** Activation functions: natively where TFLite has the operator, else in operators that compute the same. */
import type { ActivationName } from '../../../../model/ops/activations.ts';
import { axisOf } from '../../../../model/ops/define.ts';
import type { OperatorCode } from '../file-graph.ts';
import type { FlowTensor, GraphTensor } from '../graph.ts';
import type { Fused, Options } from '../options.ts';
import { notWritable } from '../refusal.ts';
import type { Layer, Lowering } from './builder.ts';

/** The constants of SELU (Klambauer et al. 2017). */
const selu = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

type Step = (layer: Layer, x: FlowTensor, last: boolean) => FlowTensor;

const native =
  (code: OperatorCode, options?: Options): Step =>
  (layer, x, last) =>
    layer.emit(code, [x], { last, ...(options ? { options } : {}) });

const binary =
  (code: 'ADD' | 'SUB' | 'MUL' | 'DIV') =>
  (layer: Layer, left: GraphTensor, right: GraphTensor, last = false, fused: Fused = 'NONE'): FlowTensor => {
    const { shape } = left.kind === 'flow' ? left : right;
    const table = ({ ADD: 'AddOptions', SUB: 'SubOptions', MUL: 'MulOptions', DIV: 'DivOptions' } as const)[code];
    return layer.emit(code, [left, right], { last, shape, options: { table, fused } });
  };

export const [add, sub, mul, div] = [binary('ADD'), binary('SUB'), binary('MUL'), binary('DIV')];
const relu = native('RELU');
const exp = native('EXP', { table: 'ExpOptions' });
const neg = native('NEG', { table: 'NegOptions' });
const abs = native('ABS', { table: 'AbsOptions' });
const elu = native('ELU');

const minimum = (layer: Layer, x: FlowTensor, limit: number, last = false): FlowTensor =>
  layer.emit('MINIMUM', [x, layer.scalar(limit)], { last, options: { table: 'MaximumMinimumOptions' } });

const maximum = (layer: Layer, x: FlowTensor, limit: number): FlowTensor =>
  layer.emit('MAXIMUM', [x, layer.scalar(limit)], { options: { table: 'MaximumMinimumOptions' } });

/** x where it, or its size, lies beyond a limit, else 0. */
const beyond = (layer: Layer, compared: FlowTensor, limit: number, x: FlowTensor, last: boolean): FlowTensor => {
  const above = layer.emit('GREATER', [compared, layer.scalar(limit)], { isBool: true });
  return layer.emit('SELECT_V2', [above, x, layer.scalar(0)], { last, shape: x.shape, options: { table: 'SelectV2Options' } });
};

/** relu(x) + α (exp(min(x, 0)) − 1), times a scale. */
const scaledElu =
  (alpha: number, scale: number): Step =>
  (layer, x, last) => {
    const below = mul(layer, elu(layer, minimum(layer, x, 0), false), layer.scalar(alpha));
    if (scale === 1) return add(layer, relu(layer, x, false), below, last);
    return mul(layer, add(layer, relu(layer, x, false), below), layer.scalar(scale), last);
  };

/** log(1 + eˣ) = relu(x) + log(1 + e^−|x|), which never overflows. */
const softplus: Step = (layer, x, last) => {
  const small = exp(layer, neg(layer, abs(layer, x, false), false), false);
  const log = native('LOG')(layer, add(layer, small, layer.scalar(1)), false);
  return add(layer, relu(layer, x, false), log, last);
};

/** The sum along the last axis, which stays with one element. */
const summed = (layer: Layer, x: FlowTensor): FlowTensor =>
  layer.emit('SUM', [x, layer.index('axis', [x.shape.length - 1])], {
    shape: [...x.shape.slice(0, -1), 1],
    options: { table: 'ReducerOptions', keepDims: true },
  });

/**
 * Without sorting: x belongs to the support where 1 + k x exceeds the sum of the k numbers that are at least x, and the threshold is the
 * sum of the support less one, by how many it holds.
 */
const sparsemax: Step = (layer, x, last) => {
  const [rows, count] = [x.shape.slice(1, -1).reduce((a, b) => a * b, 1), x.shape.at(-1) ?? 1];
  const each = layer.reshape(x, [1, rows, count, 1]);
  const others = layer.reshape(x, [1, rows, 1, count]);
  const shape = [1, rows, count, count];
  const least = layer.emit('GREATER_EQUAL', [others, each], { isBool: true, shape });
  const where = (test: FlowTensor, yes: GraphTensor, size: readonly number[]): FlowTensor =>
    layer.emit('SELECT_V2', [test, yes, layer.scalar(0)], { shape: size, options: { table: 'SelectV2Options' } });
  const number = summed(layer, where(least, layer.scalar(1), shape));
  const sum = summed(layer, where(least, others, shape));
  const reach = add(layer, mul(layer, number, each), layer.scalar(1));
  const flat = [1, rows, count];
  const supported = layer.emit('GREATER', [layer.reshape(reach, flat), layer.reshape(sum, flat)], { isBool: true, shape: flat });
  const row = layer.reshape(x, flat);
  const total = sub(layer, summed(layer, where(supported, row, flat)), layer.scalar(1));
  const limit = div(layer, total, summed(layer, where(supported, layer.scalar(1), flat)));
  const over = layer.emit('SUB', [row, limit], { shape: flat, options: { table: 'SubOptions', fused: 'NONE' } });
  return layer.reshape(relu(layer, over, false), x.shape, last);
};

const steps: Readonly<Record<Exclude<ActivationName, 'linear' | 'swish'>, Step>> = {
  relu,
  relu6: native('RELU6'),
  elu,
  sigmoid: native('LOGISTIC'),
  tanh: native('TANH'),
  softmax: native('SOFTMAX', { table: 'SoftmaxOptions' }),
  log_softmax: native('LOG_SOFTMAX', { table: 'LogSoftmaxOptions' }),
  gelu: native('GELU', { table: 'GeluOptions', approximate: false }),
  hard_silu: native('HARD_SWISH', { table: 'HardSwishOptions' }),
  leaky_relu: native('LEAKY_RELU', { table: 'LeakyReluOptions', alpha: 0.2 }),
  gelu_tanh: native('GELU', { table: 'GeluOptions', approximate: true }),
  hard_tanh: native('RELU_N1_TO_1'),
  hard_shrink: (layer, x, last) => beyond(layer, abs(layer, x, false), 0.5, x, last),
  soft_shrink: (layer, x, last) => sub(layer, x, minimum(layer, maximum(layer, x, -0.5), 0.5), last),
  tanh_shrink: (layer, x, last) => sub(layer, x, native('TANH')(layer, x, false), last),
  log_sigmoid: (layer, x, last) => neg(layer, softplus(layer, neg(layer, x, false), false), last),
  squareplus(layer, x, last) {
    const root = native('SQRT')(layer, add(layer, mul(layer, x, x), layer.scalar(4)), false);
    return mul(layer, add(layer, x, root), layer.scalar(0.5), last);
  },
  sparsemax,
  sparse_sigmoid(layer, x, last) {
    const line = add(layer, mul(layer, x, layer.scalar(0.5)), layer.scalar(0.5), false, 'RELU');
    return minimum(layer, line, 1, last);
  },
  sparse_plus(layer, x, last) {
    const middle = add(layer, native('RELU_N1_TO_1')(layer, x, false), layer.scalar(1));
    const curve = mul(layer, mul(layer, middle, middle), layer.scalar(0.25));
    return add(layer, curve, relu(layer, sub(layer, x, layer.scalar(1)), false), last);
  },
  exponential: exp,
  selu: scaledElu(selu.alpha, selu.scale),
  softplus,
  softsign: (layer, x, last) => div(layer, x, add(layer, abs(layer, x, false), layer.scalar(1)), last),
  mish: (layer, x, last) => mul(layer, x, native('TANH')(layer, softplus(layer, x, false), false), last),
  hard_sigmoid(layer, x, last) {
    const line = add(layer, mul(layer, x, layer.scalar(0.2)), layer.scalar(0.5), false, 'RELU');
    return minimum(layer, line, 1, last);
  },
  hard_sigmoid_3: (layer, x, last) => mul(layer, add(layer, x, layer.scalar(3), false, 'RELU6'), layer.scalar(1 / 6), last),
};

/** A function within a layer, by name. */
export function activate(layer: Layer, x: FlowTensor, name: ActivationName): FlowTensor {
  if (name === 'linear') return x;
  return name === 'swish' ? mul(layer, x, steps.sigmoid(layer, x, false)) : steps[name](layer, x, false);
}

export const activation: Lowering = (layer) => {
  const name = String(layer.node.attrs.activation);
  const step = Object.hasOwn(steps, name) ? steps[name as keyof typeof steps] : undefined;
  if (step !== undefined) return step(layer, layer.input(), true);
  const remedy = 'Replace it in Keras by another activation and open the model again.';
  throw notWritable(layer.node.name, `TFLite has no activation "${name}"`, remedy);
};

/** A layer whose operator applies no activation itself: a rectifier that is fused elsewhere is an operator of its own here. */
export const splitActivated =
  (lower: (layer: Layer, last: boolean) => FlowTensor): Lowering =>
  (layer) => {
    if (layer.fused === 'NONE') return lower(layer, true);
    const y = lower(layer, false);
    return steps[layer.fused === 'RELU' ? 'relu' : 'relu6'](layer, y, true);
  };

export const thresholdedRelu: Lowering = (layer) =>
  beyond(layer, layer.input(), Number(layer.node.attrs.theta), layer.input(), true);

/** ReLU with its limits: x from the threshold on, slope · (x − threshold) below, never above the largest value. */
export const reluLayer: Lowering = (layer) => {
  const { maxValue, negativeSlope, threshold } = layer.node.attrs as Readonly<Record<string, number | null>>;
  const x = layer.input();
  const isLimited = maxValue !== null && maxValue !== undefined;
  const slope = negativeSlope ?? 0;
  if (!threshold && slope === 0) {
    if (maxValue === 6) return steps.relu6(layer, x, true);
    return isLimited ? minimum(layer, relu(layer, x, false), maxValue, true) : relu(layer, x, true);
  }
  const limit = (y: (last: boolean) => FlowTensor): FlowTensor =>
    isLimited ? minimum(layer, y(false), maxValue, true) : y(true);
  if (!threshold && slope === 1 && isLimited) return minimum(layer, x, maxValue, true);
  if (!threshold) return limit((last) => leaky(slope)(layer, x, last));
  const above = layer.emit('GREATER_EQUAL', [x, layer.scalar(threshold)], { isBool: true });
  const below = mul(layer, sub(layer, x, layer.scalar(threshold)), layer.scalar(slope));
  return limit((last) => layer.emit('SELECT_V2', [above, x, below], { last, options: { table: 'SelectV2Options' } }));
};

const leaky = (alpha: number): Step => native('LEAKY_RELU', { table: 'LeakyReluOptions', alpha });

export const leakyRelu: Lowering = (layer) => leaky(Number(layer.node.attrs.slope))(layer, layer.input(), true);

export const eluLayer: Lowering = (layer) => {
  const alpha = Number(layer.node.attrs.alpha);
  return (alpha === 1 ? elu : scaledElu(alpha, 1))(layer, layer.input(), true);
};

export const prelu: Lowering = (layer) => {
  const { values = new Float32Array(), shape = [] } = layer.weight('alpha') ?? {};
  return layer.emit('PRELU', [layer.input(), layer.vector('alpha', values, shape)], { last: true });
};

export const softmax: Lowering = (layer) => {
  const x = layer.input();
  const last = x.shape.length - 1;
  const axis = axisOf(Number(layer.node.attrs.axis), x.shape.length);
  if (axis === last) return steps.softmax(layer, x, true);
  const order = [...x.shape.keys()].map((at) => (at === axis ? last : at === last ? axis : at));
  return layer.transpose(steps.softmax(layer, layer.transpose(x, order), false), order, true);
};
