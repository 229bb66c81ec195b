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
