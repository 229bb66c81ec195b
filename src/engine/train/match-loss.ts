/**
 * What a student is taught about the inside of its teacher, layer by layer, each summed over the pairs of layers:
 *
 *   features    mean (r(s) − t)², with r(s) = s · A + b where the widths differ (FitNets, Romero et al. 2015)
 *   attention   ½ ‖Q(s) / ‖Q(s)‖ − Q(t) / ‖Q(t)‖‖², Q(a) = Σ_c a_c² at each place, mean over the samples
 *               (attention transfer, Zagoruyko & Komodakis 2017, eq. 2; the distance squared, as in the authors' code)
 */
import * as tf from '@tensorflow/tfjs-core';

export type MatchKind = 'features' | 'attention';

/** Values [count, …, width] of one layer of the student and of its teacher; `adapter` is [student width, teacher width] and a bias. */
export interface Matched {
  readonly student: tf.Tensor;
  readonly teacher: tf.Tensor;
  readonly adapter?: readonly [kernel: tf.Tensor, bias: tf.Tensor];
}

/** How far one layer is from its teacher. Call it inside a tidy. */
export function matchLoss(kind: MatchKind, { student, teacher, adapter }: Matched): tf.Scalar {
  if (kind === 'attention') {
    const apart = tf.square(tf.sub(attentionMap(student), attentionMap(teacher)));
    return tf.mul(tf.mean(tf.sum(apart, 1)), 0.5);
  }
  return tf.mean(tf.square(tf.sub(adapted(student, adapter), rows(teacher))));
}

/** [count, places]: where in a picture a layer is active, each row of length 1; a picture without any activity has a row of zeros. */
export function attentionMap(values: tf.Tensor): tf.Tensor {
  const energy = tf.reshape(tf.sum(tf.square(values), -1), [values.shape[0] ?? 1, -1]);
  // As PyTorch's `normalize`: a length below 1e-12 counts as 1e-12.
  const length = tf.sqrt(tf.maximum(tf.sum(tf.square(energy), 1, true), 1e-24));
  return tf.div(energy, length);
}

const rows = (values: tf.Tensor): tf.Tensor => tf.reshape(values, [-1, values.shape.at(-1) ?? 1]);

function adapted(values: tf.Tensor, adapter: Matched['adapter']): tf.Tensor {
  if (adapter === undefined) return rows(values);
  const [kernel, bias] = adapter;
  return tf.add(tf.matMul(rows(values) as tf.Tensor2D, kernel as tf.Tensor2D), bias);
}
