/**
 * An operator of TensorFlow Lite that no Keras layer is (`tflite.RSQRT`, `tflite.SELECT_V2` …): what converters and our own writer take
 * layers apart into. One record for all of them; what each computes is TensorFlow Lite's definition of it. Comparisons give 1 and 0.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../errors.ts';
import type { Attrs, Shape } from '../model.ts';
import type { Op } from '../op.ts';
import { elements, formatShape, shapeMismatch } from './define.ts';

/** What kinds of such nodes start with. */
export const tflitePrefix = 'tflite.';

export type TfliteOperatorAttrs = {
  /** The name in TensorFlow Lite's schema. */
  readonly code: string;
  /** Operands in order: null for an input of the layer, else the shape of the stored tensor `operand0`, `operand1` …, batch of 1 included. */
  readonly operands: readonly (readonly number[] | null)[];
  /** What is reduced, counted with the batch. */
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
  /** Of a product of matrices: which are transposed. */
  readonly adjX?: boolean;
  readonly adjY?: boolean;
};

type Compute = (operands: readonly tf.Tensor[], attrs: TfliteOperatorAttrs) => tf.Tensor;

const one =
  (apply: (x: tf.Tensor) => tf.Tensor): Compute =>
  ([x]) =>
    apply(x as tf.Tensor);
const two =
  (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Compute =>
  ([a, b]) =>
    apply(a as tf.Tensor, b as tf.Tensor);
/** Flat wherever it has a slope. */
const compared = (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Compute =>
  two((left, right) =>
    tf.customGrad((...given) => {
      const [a, b] = given as unknown as [tf.Tensor, tf.Tensor];
      return { value: tf.cast(apply(a, b), 'float32'), gradFunc: () => [tf.zerosLike(a), tf.zerosLike(b)] };
    })(left, right),
  );
const isTrue = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'bool');
const reduced =
  (apply: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor): Compute =>
  ([x], { axes = [], keepDims = false }) =>
    apply(x as tf.Tensor, [...axes], keepDims);
const chosen: Compute = ([condition, yes, no]) => tf.where(isTrue(condition as tf.Tensor), yes as tf.Tensor, no as tf.Tensor);

const elementwise: Readonly<Record<string, Compute>> = {
  LOG: one(tf.log),
  SQRT: one(tf.sqrt),
  RSQRT: one(tf.rsqrt),
  SIN: one(tf.sin),
  COS: one(tf.cos),
  FLOOR: one(tf.floor),
  CEIL: one(tf.ceil),
  ROUND: one(tf.round),
  SIGN: one(tf.sign),
  LOGICAL_NOT: one((x) => tf.sub(1, x)),
  ADD: two(tf.add),
  SUB: two(tf.sub),
  MUL: two(tf.mul),
  DIV: two(tf.div),
  POW: two(tf.pow),
  MAXIMUM: two(tf.maximum),
  MINIMUM: two(tf.minimum),
  SQUARED_DIFFERENCE: two(tf.squaredDifference),
  GREATER: compared(tf.greater),
  GREATER_EQUAL: compared(tf.greaterEqual),
  LESS: compared(tf.less),
  LESS_EQUAL: compared(tf.lessEqual),
  EQUAL: compared(tf.equal),
  NOT_EQUAL: compared(tf.notEqual),
  LOGICAL_AND: two(tf.mul),
  LOGICAL_OR: two(tf.maximum),
  SELECT: chosen,
  SELECT_V2: chosen,
};

const reductions: Readonly<Record<string, Compute>> = {
  SUM: reduced(tf.sum),
  MEAN: reduced(tf.mean),
  REDUCE_MAX: reduced(tf.max),
  REDUCE_MIN: reduced(tf.min),
  REDUCE_PROD: reduced(tf.prod),
  REDUCE_ANY: reduced(tf.max),
  REDUCE_ALL: reduced(tf.min),
};

const product: Compute = ([a, b], { adjX = false, adjY = false }) => tf.matMul(a as tf.Tensor, b as tf.Tensor, adjX, adjY);

/** What an operator's operands are: numbers of one place each, one value to reduce, or two stacks of matrices. */
export function familyOf(code: string): 'elementwise' | 'reduction' | 'product' | null {
  if (Object.hasOwn(elementwise, code)) return 'elementwise';
  if (Object.hasOwn(reductions, code)) return 'reduction';
  return code === 'BATCH_MATMUL' ? 'product' : null;
}

/** Operators whose outcome is true or false. */
export const tells: ReadonlySet<string> = new Set([
  ...['GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL', 'EQUAL', 'NOT_EQUAL'],
  ...['LOGICAL_AND', 'LOGICAL_OR', 'LOGICAL_NOT', 'REDUCE_ANY', 'REDUCE_ALL'],
]);

/** Shapes of all operands behind the batch, aligned at their last axes. */
function operandShapes({ operands }: TfliteOperatorAttrs, inputs: readonly Shape[]): Shape[] {
  const rank = Math.max(...inputs.map(({ length }) => length));
  let next = 0;
  const aligned = operands.map((stored): Shape => {
    if (stored === null) return inputs[next++] ?? [];
    const whole = [...new Array<number>(Math.max(0, rank + 1 - stored.length)).fill(1), ...stored];
    return whole[0] === 1 && whole.length === rank + 1 ? whole.slice(1) : [];
  });
  if (next === inputs.length && aligned.every(({ length }) => length === rank)) return aligned;
  throw shapeMismatch(`Its operands ${aligned.map(formatShape).join(', ')} do not fit each other.`);
}

/** The size that all of some sizes are stretched to. */
function stretched(sizes: readonly (number | null)[]): number | null {
  const known = sizes.filter((size) => size !== 1);
  const [size = 1, ...others] = known;
  if (others.every((other) => other === size || other === null || size === null)) return size;
  throw shapeMismatch(`Sizes ${known.join(' and ')} can not be stretched to each other.`);
}

function matrices(attrs: TfliteOperatorAttrs, inputs: readonly Shape[]) {
  const [left = [], right = []] = operandShapes(attrs, inputs);
  const turned = (shape: Shape, turns = false): Shape => (turns ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape);
  const [a, b] = [turned(left, attrs.adjX), turned(right, attrs.adjY)];
  if (a.length >= 2 && a.at(-1) === b.at(-2)) return { a, b };
  throw shapeMismatch(`Matrices ${formatShape(a)} and ${formatShape(b)} have no product.`);
}

const attrsOf = (attrs: Attrs): TfliteOperatorAttrs => attrs as TfliteOperatorAttrs;

export const tfliteOperator: Op = {
  kind: tflitePrefix,
  classes: [],
  read(_config, { layer }) {
    throw noLayer(layer);
  },
  write: (attrs) => ({ className: tflitePrefix + attrsOf(attrs).code, config: attrs }),
  cannotWrite: (attrs) => `TF.js has no layer that computes the operator ${attrsOf(attrs).code}`,
  slots: (attrs) =>
    attrsOf(attrs).operands.flatMap((shape, place) =>
      shape === null ? [] : [{ role: `operand${place}`, shape, channelAxis: null, kind: 'vector' } as const],
    ),
  shape(given, inputs) {
    const attrs = attrsOf(given);
    const family = familyOf(attrs.code);
    if (family === 'product') {
      const { a, b } = matrices(attrs, inputs);
      const outer = a.slice(0, -2).map((size, axis) => stretched([size, b[axis] ?? 1]));
      return [...outer, a.at(-2) ?? null, b.at(-1) ?? null];
    }
    const shapes = operandShapes(attrs, inputs);
    const [first = []] = shapes;
    if (family === 'elementwise') return first.map((_, axis) => stretched(shapes.map((shape) => shape[axis] ?? 1)));
    const { axes = [], keepDims } = attrs;
    return first.flatMap((size, axis) => (axes.includes(axis + 1) ? (keepDims ? [1] : []) : [size]));
  },
  macs(attrs, inputs, output) {
    if (familyOf(attrsOf(attrs).code) !== 'product') return 0;
    return elements(output) * (matrices(attrsOf(attrs), inputs).a.at(-1) ?? Number.NaN);
  },
  forward({ inputs, attrs: given, weights }) {
    const attrs = attrsOf(given);
    let next = 0;
    const operands = attrs.operands.map((stored, place) =>
      stored === null ? (inputs[next++] as tf.Tensor) : (weights[`operand${place}`] as tf.Tensor),
    );
    const compute = elementwise[attrs.code] ?? reductions[attrs.code] ?? product;
    return compute(operands, attrs);
  },
};

function noLayer(layer: string): StudioError {
  return new StudioError({
    code: 'MODEL_TFLITE_OPERATOR',
    title: `"${layer}" is an operator of TensorFlow Lite, not a layer of Keras.`,
    detail: 'No Keras layer computes what it computes.',
    hint: 'Save the model for TFLite, or open the Keras file that it was converted from.',
    context: { layer },
  });
}
