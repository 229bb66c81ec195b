/** The settings that every training step has, as parameters of techniques: what the field uses to fine-tune, in small amounts. */
import type * as v from 'valibot';
import { choiceParam, integerParam, numberParam, switchParam } from '../params.ts';
import { augmentations } from './augment.ts';
import { optimizers } from './optimizer.ts';
import { schedules } from './schedule.ts';

/** Parameters of a training step; `learningRate` and `epochs` differ from one technique to the next. */
export function trainingEntries({ epochs, learningRate }: { readonly epochs: number; readonly learningRate: number }) {
  return {
    epochs: integerParam({ title: 'Epochs', fallback: epochs, min: 1, max: 200 }),
    learningRate: numberParam({ title: 'Learning rate', fallback: learningRate, min: 0.00001, max: 0.1, step: 0.00001 }),
    batchSize: integerParam({
      title: 'Batch size',
      fallback: 64,
      min: 8,
      max: 256,
      values: [8, 16, 32, 64, 128, 256],
      more: true,
    }),
    optimizer: choiceParam({ title: 'Optimizer', fallback: 'adam', options: optimizers, more: true }),
    schedule: choiceParam({ title: 'Learning rate schedule', fallback: 'cosine', options: schedules, more: true }),
    warmUp: numberParam({ title: 'Warm-up share', fallback: 0, min: 0, max: 0.5, step: 0.05, more: true }),
    augmentation: choiceParam({ title: 'Augmentation', fallback: 'none', options: augmentations, more: true }),
    mixup: switchParam({ title: 'Mix samples in pairs (mixup)', fallback: false, more: true }),
    labelSmoothing: numberParam({ title: 'Label smoothing', fallback: 0, min: 0, max: 0.5, step: 0.01, more: true }),
    balanceClasses: switchParam({ title: 'Weigh classes equally', fallback: false, more: true }),
    weightDecay: numberParam({
      title: 'Weight decay (AdamW, SGD)',
      fallback: 0.0001,
      min: 0,
      max: 0.1,
      step: 0.0001,
      more: true,
    }),
    clipNorm: numberParam({ title: 'Gradient norm limit (0: none)', fallback: 0, min: 0, max: 10, step: 0.1, more: true }),
    validation: numberParam({ title: 'Validation share', fallback: 0.1, min: 0, max: 0.5, step: 0.05, more: true }),
    patience: integerParam({ title: 'Patience, epochs (0: off)', fallback: 0, min: 0, max: 20, more: true }),
  };
}

export type TrainingSettings = v.InferOutput<v.StrictObjectSchema<ReturnType<typeof trainingEntries>, undefined>>;
