/** How good weights are on the samples held out: share of right answers where there are classes, and mean loss. */

import * as tf from '@tensorflow/tfjs-core';
import { answerOf } from '../metrics/accuracy.ts';
import type { Model } from '../model/model.ts';
import { createPredictor, type Executor } from '../runtime/executor.ts';
import { type LossKind, lossOf, targetsOf } from './loss.ts';
import type { Samples } from './samples.ts';
import type { Teacher } from './teacher.ts';

export interface Score {
  /** Share of right answers, 0–1; absent without classes. */
  readonly accuracy?: number;
  readonly loss: number;
}

export interface ValidationJob {
  readonly samples: Samples;
  readonly kind: LossKind;
  readonly width: number;
  readonly classes: number;
  /** Imitated where the samples have no answers of their own. */
  readonly teacher: Teacher | undefined;
  readonly checkpoint: () => Promise<void>;
}

export interface Validator {
  /** The score of a model with the graph's nodes. */
  score(graph: Model): Promise<Score>;
  dispose(): void;
}

const batchSize = 128;

/** A validator for models of one graph; weights alone are exchanged between scores. */
export function createValidator(job: ValidationJob, inputShapes: readonly (readonly number[])[]): Validator {
  let executor: Executor | undefined;
  return {
    async score(graph) {
      if (executor === undefined) executor = await createPredictor(graph, { inputShapes });
      else executor.updateWeights(graph);
      return scoreOf(executor, job);
    },
    dispose: () => executor?.dispose(),
  };
}

async function scoreOf(
  executor: Executor,
  { samples, kind, width, classes, teacher, checkpoint }: ValidationJob,
): Promise<Score> {
  const all = Uint32Array.from({ length: samples.size }, (_, i) => i);
  let [loss, correct] = [0, 0];
  for (let start = 0; start < all.length; start += batchSize) {
    await checkpoint();
    const indices = all.subarray(start, start + batchSize);
    const inputs = await samples.batch(indices);
    const [outputs = new Float32Array()] = await executor.predict([inputs], indices.length);
    const shape: [number, number] = [indices.length, width];
    const wanted = samples.task === 'none' ? (await teacher?.teach(inputs, indices.length))?.answers : undefined;
    const value = tf.tidy(() =>
      lossOf(tf.tensor(outputs, shape), {
        kind,
        classes,
        ...(wanted
          ? { teacher: { logits: tf.tensor(wanted, shape), temperature: 1, alpha: 1 } }
          : { targets: tf.tensor(targetsOf(samples, indices, width, 0), shape) }),
      }),
    );
    loss += ((await value.data())[0] as number) * indices.length;
    value.dispose();
    if (samples.task === 'classes') correct += countCorrect(outputs, samples.labels, indices, width, kind);
  }
  const mean = loss / samples.size;
  return samples.task === 'classes' ? { accuracy: correct / samples.size, loss: mean } : { loss: mean };
}

/** Right answers among some outputs that are numbers before the last activation. */
export function countCorrect(
  outputs: Float32Array,
  labels: Int32Array | undefined,
  indices: Uint32Array,
  width: number,
  kind: LossKind,
): number {
  // Before a sigmoid, one half is zero.
  const shifted = width === 1 && kind === 'binary' ? outputs.map((z) => z + 0.5) : outputs;
  let correct = 0;
  indices.forEach((index, row) => {
    if (answerOf(shifted, row, width) === labels?.[index]) correct++;
  });
  return correct;
}

/** Whether a score is at least as good as another. */
export function isNoWorse(score: Score, than: Score): boolean {
  if (!Number.isFinite(score.loss)) return false;
  const [own, other] = [score.accuracy ?? 0, than.accuracy ?? 0];
  return own !== other ? own > other : score.loss <= than.loss;
}
