/** The curves of the run that is training: loss as it goes, scores on the validation samples after each epoch. */
import { createStore } from 'zustand/vanilla';
import type { TrainingEvent } from '../../engine/context.ts';
import type { TrainingCurve } from '../../engine/technique.ts';
import { bind } from './use-store.ts';

export interface CurvePoint {
  /** In epochs: 1.5 is half way through the second. */
  readonly at: number;
  readonly value: number;
}

/** One training step, going or done. */
export interface Curve {
  readonly step: number;
  readonly technique: string;
  readonly epochs: number;
  readonly loss: readonly CurvePoint[];
  /** Epoch 0 is before training. */
  readonly validation: readonly CurvePoint[];
  readonly metric: 'accuracy' | 'loss';
  /** The latest event while it goes; null once it is done. */
  readonly now: TrainingEvent | null;
  /** Of a step that is done: the epoch whose weights were kept, and why it ended early. */
  readonly best?: number;
  readonly stopped?: TrainingCurve['stopped'];
  readonly seconds?: number;
}

export interface TrainingState {
  /** The recipe whose run trained last, or trains. */
  readonly key: string;
  /** Of that run, in the order of its steps. */
  readonly curves: readonly Curve[];
  /** Counts runs that trained: what previews a recipe looks again, since it now finds what was trained. */
  readonly finished: number;
  /** True while the training that is going rests. */
  readonly paused: boolean;
}

export const noTraining: TrainingState = { key: '', curves: [], finished: 0, paused: false };

export const trainingStore = createStore<TrainingState>()(() => noTraining);
export const useTraining = bind(trainingStore);

/** More points than pixels tell nothing more: then every second one is dropped. */
const mostPoints = 600;

/** The curves with an event added. */
export function withEvent(curves: readonly Curve[], event: TrainingEvent): readonly Curve[] {
  const known = curves.find((curve) => curve.step === event.step);
  const { step, technique, epochs, epoch, batch, batches } = event;
  const score = event.validationAccuracy ?? event.validationLoss;
  const point = { at: epoch - 1 + batch / batches, value: event.loss };
  const curve: Curve = {
    step,
    technique,
    epochs,
    loss: thinned([...(known?.loss ?? []), point]),
    validation: [...(known?.validation ?? []), ...(score === undefined ? [] : [{ at: epoch, value: score }])],
    metric: event.validationAccuracy === undefined && score !== undefined ? 'loss' : (known?.metric ?? 'accuracy'),
    now: event,
  };
  return known === undefined ? [...curves, curve] : curves.map((other) => (other === known ? curve : other));
}

const thinned = (points: readonly CurvePoint[]): readonly CurvePoint[] =>
  points.length <= mostPoints ? points : points.filter((_, at) => at % 2 === 0 || at === points.length - 1);

/** The curves that a finished run reports, with the loss as it went where that was watched; else one point an epoch. */
export const curvesOf = (training: readonly TrainingCurve[], watched: readonly Curve[] = []): readonly Curve[] =>
  training.map(({ technique, epochs, losses, validation, metric, best, stopped, seconds }, index) => ({
    step: index + 1,
    technique,
    epochs,
    loss:
      watched[index]?.technique === technique ? watched[index].loss : losses.map((value, epoch) => ({ at: epoch + 1, value })),
    validation: validation.map((value, at) => ({ at, value })),
    metric,
    now: null,
    best,
    seconds,
    ...(stopped !== undefined && { stopped }),
  }));
