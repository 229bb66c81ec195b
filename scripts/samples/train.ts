/**
 * Trains one sample to the end, keeping after each epoch the state to go on from and the weights that did best on the validation
 * samples (the later of equals). A run that was broken off goes on where it was and ends at the same weights.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import type { Model } from '../../src/engine/model/model.ts';
import {
  countCorrect,
  type LabelledSamples,
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trainEpoch,
  trainedModel,
} from './epoch.ts';

interface Kept {
  readonly state: TrainingState;
  readonly best: TrainingState['weights'];
  readonly bestCorrect: number;
}

const folder = '.cache/train-samples';

/** The best weights after all epochs. Progress goes to stderr. */
export async function train(
  model: Model,
  samples: { readonly training: LabelledSamples; readonly validation: LabelledSamples },
  options: TrainingOptions,
): Promise<Model> {
  const path = `${folder}/${model.name}-${options.epochs}.bin`;
  await mkdir(folder, { recursive: true });
  const fresh = (): Kept => {
    const state = startTraining(model);
    return { state, best: new Map(), bestCorrect: -1 };
  };
  let kept = existsSync(path) ? (deserialize(await readFile(path)) as Kept) : fresh();
  while (kept.state.epoch < options.epochs) {
    const began = Date.now();
    const { state, loss } = await trainEpoch(model, kept.state, samples.training, options, quiet());
    const trained = trainedModel(model, state);
    const correct = await countCorrect(trained, samples.validation);
    const weights = new Map([...trained.weights].map(([id, { values }]) => [id, values]));
    kept = correct >= kept.bestCorrect ? { state, best: weights, bestCorrect: correct } : { ...kept, state };
    await writeFile(`${path}.new`, serialize(kept));
    await rename(`${path}.new`, path);
    const seconds = Math.round((Date.now() - began) / 1000);
    const score = `${correct} of ${samples.validation.labels.length} validation samples`;
    console.error(`${model.name}: epoch ${state.epoch}/${options.epochs}, loss ${loss.toFixed(4)}, ${score}, ${seconds} s`);
  }
  return trainedModel(model, { ...kept.state, weights: kept.best });
}

/** A context that nobody stops and that reports every hundredth step. */
function quiet() {
  return {
    signal: new AbortController().signal,
    report: ({ done, total }: { done: number; total: number }) => {
      if (done % 100 === 0) process.stderr.write(`\rstep ${done} of ${total} `);
    },
  };
}
