/**
 * The activation functions, one row each: the function in TF.js ops, the name by which stock TF.js knows it, and the name by
 * which a fused kernel takes it. Definitions are those of keras.activations; the two functions whose meaning depends on the
 * Keras version carry it in their name:
 *
 *   hard_sigmoid     clip(0.2 x + 0.5, 0, 1)    Keras 2 and stock TF.js
 *   hard_sigmoid_3   relu6(x + 3) / 6           Keras 3
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Json } from '../model.ts';
import { type FieldReader, unsupported } from './config.ts';

interface ActivationRow {
  readonly apply: (x: tf.Tensor) => tf.Tensor;
  /** Absent where stock TF.js has no such activation. */
  readonly stock?: string;
  readonly fused?: 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid';
}

const hardSigmoid3 = (x: tf.Tensor): tf.Tensor => tf.div(tf.relu6(tf.add(x, 3)), 6);

/**
 * The point of the simplex that is nearest to x (Martins & Astudillo 2016): max(x − τ, 0), τ such that the rest sums to one. Its gradient
 * takes from each slope within the support their mean.
 */
function sparsemax(x: tf.Tensor): tf.Tensor {
  const onTape = tf.customGrad((...args) => {
    const [z, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const count = z.shape.at(-1) ?? 1;
    const { values } = tf.topk(z, count);
    const supported = tf.cast(
      tf.greater(tf.add(tf.mul(values, tf.range(1, count + 1)), 1), tf.cumsum(values, z.rank - 1)),
      'float32',
    );
    const tau = tf.div(tf.sub(tf.sum(tf.mul(values, supported), -1, true), 1), tf.sum(supported, -1, true));
    const value = tf.relu(tf.sub(z, tau));
    save([value]);
    const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]): tf.Tensor => {
      const within = tf.cast(tf.greater(y as tf.Tensor, 0), 'float32');
      const mean = tf.div(tf.sum(tf.mul(dy, within), -1, true), tf.sum(within, -1, true));
      return tf.mul(within, tf.sub(dy, mean));
    };
    return { value, gradFunc };
  });
  return onTape(x);
}

const rows = {
  linear: { apply: (x) => tf.clone(x), stock: 'linear', fused: 'linear' },
  relu: { apply: tf.relu, stock: 'relu', fused: 'relu' },
  relu6: { apply: tf.relu6, stock: 'relu6', fused: 'relu6' },
  elu: { apply: tf.elu, stock: 'elu', fused: 'elu' },
  sigmoid: { apply: tf.sigmoid, stock: 'sigmoid', fused: 'sigmoid' },
  tanh: { apply: tf.tanh, stock: 'tanh' },
  softmax: { apply: (x) => tf.softmax(x), stock: 'softmax' },
  log_softmax: { apply: (x) => tf.logSoftmax(x), stock: 'log_softmax' },
  selu: { apply: tf.selu, stock: 'selu' },
  softplus: { apply: tf.softplus, stock: 'softplus' },
  softsign: { apply: (x) => tf.div(x, tf.add(tf.abs(x), 1)), stock: 'softsign' },
  swish: { apply: (x) => tf.mul(x, tf.sigmoid(x)), stock: 'swish' },
  gelu: { apply: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)), stock: 'gelu' },
  mish: { apply: (x) => tf.mul(x, tf.tanh(tf.softplus(x))), stock: 'mish' },
  hard_sigmoid: { apply: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1), stock: 'hard_sigmoid' },
  hard_sigmoid_3: { apply: hardSigmoid3 },
  hard_silu: { apply: (x) => tf.mul(x, hardSigmoid3(x)) },
  exponential: { apply: tf.exp },
  leaky_relu: { apply: (x) => tf.maximum(x, tf.mul(x, 0.2)) },
  gelu_tanh: {
    apply: (x) => {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
    },
  },
  hard_tanh: { apply: (x) => tf.clipByValue(x, -1, 1) },
  hard_shrink: { apply: (x) => tf.where(tf.greaterEqual(0.5, tf.abs(x)), tf.zerosLike(x), x) },
  soft_shrink: { apply: (x) => tf.sub(x, tf.clipByValue(x, -0.5, 0.5)) },
  tanh_shrink: { apply: (x) => tf.sub(x, tf.tanh(x)) },
  log_sigmoid: { apply: (x) => tf.neg(tf.softplus(tf.neg(x))) },
  squareplus: { apply: (x) => tf.mul(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4))), 0.5) },
  sparsemax: { apply: sparsemax },
  sparse_sigmoid: { apply: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.5), 0.5), 0, 1) },
  sparse_plus: {
    apply: (x) => tf.add(tf.mul(tf.square(tf.add(tf.clipByValue(x, -1, 1), 1)), 0.25), tf.relu(tf.sub(x, 1))),
  },
} as const satisfies Record<string, ActivationRow>;

export type ActivationName = keyof typeof rows;
export const activationNames = Object.keys(rows) as ActivationName[];

const aliases: Readonly<Record<string, ActivationName>> = {
  silu: 'swish',
  hard_swish: 'hard_silu',
  celu: 'elu',
  gelu_new: 'gelu_tanh',
  hardSigmoid: 'hard_sigmoid',
  logSoftmax: 'log_softmax',
};

const row = (name: ActivationName): ActivationRow => rows[name];

/** The function itself; never returns its argument. */
export function applyActivation(x: tf.Tensor, name: ActivationName): tf.Tensor {
  return row(name).apply(x);
}

/** What a fused kernel may be asked to apply, and what is left to do after it. */
export function splitActivation(name: ActivationName): {
  readonly fused: NonNullable<ActivationRow['fused']>;
  readonly after: ActivationName | null;
} {
  const { fused } = row(name);
  return fused === undefined ? { fused: 'linear', after: name } : { fused, after: null };
}

/** The value of `activation` in a file for stock TF.js; `linear` stands in where there is none, see `activationProblem`. */
export function stockActivation(name: ActivationName): string {
  return row(name).stock ?? 'linear';
}

/** Why stock TF.js can't compute this activation; undefined where it can. */
export function activationProblem(name: ActivationName): string | undefined {
  if (row(name).stock !== undefined) return undefined;
  return name === 'hard_sigmoid_3'
    ? 'stock TF.js computes the hard_sigmoid of Keras 2, not the one of Keras 3'
    : `stock TF.js has no activation "${name}"`;
}

/** The function's name in a string, or in the object that Keras writes for a registered function. */
function activationIdentifier(value: Json | undefined): string | undefined {
  if (value === null || value === undefined) return 'linear';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { class_name: className, config } = value as { readonly [key: string]: Json };
  if (className === 'function' && typeof config === 'string') return config;
  return typeof className === 'string' ? `the layer ${className}` : undefined;
}

/** Reads a field that names an activation; null means linear, and absent does unless told otherwise. */
export function readActivation(field: FieldReader, name = 'activation', absent: ActivationName = 'linear'): ActivationName {
  const identifier = activationIdentifier(field.raw(name) === undefined ? absent : field.raw(name));
  if (identifier === undefined) throw field.malformed(name, 'the name of an activation function');
  if (identifier === 'hard_sigmoid' && field.place.keras === 3) return 'hard_sigmoid_3';
  const known = aliases[identifier] ?? identifier;
  if (Object.hasOwn(rows, known)) return known as ActivationName;
  throw unsupported(
    field.place,
    `the activation "${identifier.slice(0, 80)}"`,
    `The activations known here are ${activationNames.join(', ')}.`,
    'Replace it in Keras by one of these, or by an activation layer of its own, and save the model again.',
  );
}
