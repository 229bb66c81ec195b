/**
 * What training minimizes, on the numbers before the last activation:
 *
 *   categorical   −Σₖ tₖ log softmax(z)ₖ, with label smoothing t ← (1 − ε) t + ε / K (Szegedy et al. 2016)
 *   binary        −Σₖ tₖ log σ(z)ₖ + (1 − tₖ) log(1 − σ(z)ₖ)
 *   squares       Σₖ (zₖ − tₖ)² / K
 *
 * Outputs without an activation are taken for the numbers before a softmax where the data has classes, as Keras does with `from_logits`.
 * A teacher's answers q are imitated at temperature T (Hinton et al. 2015): T² · KL(softmax(q / T) ‖ softmax(z / T)), the same with σ,
 * or the squared difference.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Headless } from './graph.ts';
import { untrainable } from './graph.ts';
import type { Samples } from './samples.ts';

export type LossKind = 'categorical' | 'binary' | 'squares';

/** The loss that fits a model's ending and what is known of the samples; `width` numbers per sample. */
export function lossKindOf(activation: Headless['activation'], task: Samples['task'], width: number): LossKind {
  if (activation === 'softmax') return 'categorical';
  if (activation === 'sigmoid') return 'binary';
  return task === 'classes' && width > 1 ? 'categorical' : 'squares';
}

/** Targets of some samples, row-major [indices, width]. */
export function targetsOf(samples: Samples, indices: Uint32Array, width: number, smoothing: number): Float32Array {
  const rows = new Float32Array(indices.length * width);
  const { task, labels, targets } = samples;
  indices.forEach((index, row) => {
    if (task === 'values') rows.set((targets ?? rows).subarray(index * width, (index + 1) * width), row * width);
    else if (task === 'classes' && width === 1) rows[row] = labels?.[index] ?? 0;
    else if (task === 'classes') {
      rows.fill(smoothing / width, row * width, (row + 1) * width);
      rows[row * width + (labels?.[index] ?? 0)] = 1 - smoothing + smoothing / width;
    }
  });
  return rows;
}

/** A factor per class that lets every class weigh the same, mean 1 over the samples; undefined without classes. */
export function balancingWeights({ task, labels }: Samples, width: number): Float32Array | undefined {
  if (task !== 'classes' || labels === undefined) return undefined;
  const counts = new Float64Array(Math.max(width, 2));
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : labels.length / (present * count)));
}

/** Throws TRAIN_MODEL where values to predict can not be what a model with this ending gives. */
export function requireFittingTargets(kind: LossKind, { task, targets }: Samples): void {
  if (kind === 'squares' || task !== 'values') return;
  if (targets?.every((value) => value >= 0 && value <= 1) === true) return;
  throw untrainable('Its outputs are probabilities, and the data holds values outside of 0 to 1.');
}

/** What the loss of a batch is made of; all tensors are [count, width] but for `weights`, [count, 1]. */
export interface LossParts {
  readonly kind: LossKind;
  readonly targets?: tf.Tensor;
  readonly weights?: tf.Tensor;
  readonly teacher?: { readonly logits: tf.Tensor; readonly temperature: number; readonly alpha: number };
  /** Numbers along the last axis of the outputs, over which a softmax runs. */
  readonly classes: number;
}

/** Mean loss of a batch. Call it inside a tidy. */
export function lossOf(outputs: tf.Tensor, { kind, targets, weights, teacher, classes }: LossParts): tf.Scalar {
  const share = teacher?.alpha ?? 0;
  const parts: tf.Tensor[] = [];
  if (targets !== undefined && share < 1) {
    const each = hardLoss(kind, outputs, targets, classes);
    const weighted = weights === undefined ? each : tf.mul(each, weights);
    parts.push(tf.mul(tf.mean(weighted), 1 - share));
  }
  if (teacher !== undefined && share > 0) {
    const { logits, temperature } = teacher;
    parts.push(tf.mul(tf.mean(softLoss(kind, outputs, logits, temperature, classes)), share));
  }
  return tf.addN(parts) as tf.Scalar;
}

const rowsOf = (x: tf.Tensor, classes: number) => tf.reshape(x, [-1, classes]);
const logSoftmax = (x: tf.Tensor, classes: number) => tf.logSoftmax(rowsOf(x, classes));

/** Per row: [count, 1], or one number for each place of a map of classes. */
function hardLoss(kind: LossKind, z: tf.Tensor, t: tf.Tensor, classes: number): tf.Tensor {
  switch (kind) {
    case 'categorical':
      return crossEntropy(rowsOf(z, classes), rowsOf(t, classes));
    case 'binary':
      return tf.sum(binaryCrossEntropy(z, t), 1, true);
    case 'squares':
      return tf.mean(tf.square(tf.sub(z, t)), 1, true);
  }
}

/** Cross-entropy of rows of numbers z with targets t: in one pass, its slope softmax(z) Σt − t included, where the backend has a kernel for it. */
function crossEntropy(z: tf.Tensor, t: tf.Tensor): tf.Tensor {
  const kernel = 'SoftmaxCrossEntropy';
  if (tf.getKernel(kernel, tf.getBackend()) === undefined) return tf.neg(tf.sum(tf.mul(t, tf.logSoftmax(z)), 1, true));
  const onTape = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const made = tf.engine().runKernel(kernel, { x, targets: t } as unknown as tf.NamedTensorMap) as unknown as tf.Tensor[];
    const [value, slope] = made as [tf.Tensor, tf.Tensor];
    save([slope]);
    return { value, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, saved as tf.Tensor) };
  });
  return onTape(z);
}

function softLoss(kind: LossKind, z: tf.Tensor, q: tf.Tensor, temperature: number, classes: number): tf.Tensor {
  if (kind === 'squares') return tf.mean(tf.square(tf.sub(z, q)), 1, true);
  const [student, teacher] = [tf.div(z, temperature), tf.div(q, temperature)];
  const scale = temperature * temperature;
  if (kind === 'binary') {
    const soft = tf.sigmoid(teacher);
    return tf.mul(tf.sum(tf.sub(binaryCrossEntropy(student, soft), binaryCrossEntropy(teacher, soft)), 1, true), scale);
  }
  const soft = logSoftmax(teacher, classes);
  return tf.mul(tf.sum(tf.mul(tf.exp(soft), tf.sub(soft, logSoftmax(student, classes))), 1, true), scale);
}

/** max(z, 0) − z t + log(1 + e^−|z|), which neither overflows nor loses small probabilities. */
function binaryCrossEntropy(z: tf.Tensor, t: tf.Tensor): tf.Tensor {
  return tf.add(tf.sub(tf.relu(z), tf.mul(z, t)), tf.log1p(tf.exp(tf.neg(tf.abs(z)))));
}
