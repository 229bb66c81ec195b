import { expect, it } from 'vitest';
import type { TrainingEvent } from '../../engine/context.ts';
import { type Curve, curvesOf, withEvent } from './training.ts';

const event = (changes: Partial<TrainingEvent>): TrainingEvent => ({
  step: 2,
  technique: 'train/fine-tune',
  epoch: 1,
  epochs: 2,
  batch: 1,
  batches: 4,
  loss: 1,
  samplesPerSecond: 100,
  remainingMs: 1000,
  ...changes,
});

it('draws loss as it goes and validation after each epoch, a curve for each step', () => {
  let curves: readonly Curve[] = [];
  curves = withEvent(curves, event({}));
  curves = withEvent(curves, event({ batch: 4, loss: 0.5, validationAccuracy: 0.9, validationLoss: 0.4 }));
  curves = withEvent(curves, event({ step: 3, technique: 'quantize/aware' }));
  expect(curves.map(({ step }) => step)).toEqual([2, 3]);
  expect(curves[0]?.loss).toEqual([
    { at: 0.25, value: 1 },
    { at: 1, value: 0.5 },
  ]);
  expect(curves[0]?.validation).toEqual([{ at: 1, value: 0.9 }]);
  expect(curves[0]?.metric).toBe('accuracy');
});

it('keeps a bounded number of points, the newest among them', () => {
  let curves: readonly Curve[] = [];
  for (let batch = 1; batch <= 5000; batch++) curves = withEvent(curves, event({ batch, batches: 5000, loss: batch }));
  expect(curves[0]?.loss.length).toBeLessThanOrEqual(600);
  expect(curves[0]?.loss.at(-1)?.value).toBe(5000);
});

it('reads a report: validation begins before the first epoch', () => {
  const [curve] = curvesOf([
    {
      technique: 'distill/logits',
      epochs: 2,
      losses: [2, 1],
      validation: [0.5, 0.8, 0.7],
      metric: 'accuracy',
      best: 1,
      seconds: 3,
    },
  ]);
  expect(curve?.loss.map(({ at }) => at)).toEqual([1, 2]);
  expect(curve?.validation.map(({ at }) => at)).toEqual([0, 1, 2]);
  expect([curve?.best, curve?.now]).toEqual([1, null]);
});

it('keeps the loss as it was watched', () => {
  const watched = withEvent([], event({ step: 1, technique: 'distill/logits' }));
  const report = {
    technique: 'distill/logits',
    epochs: 1,
    losses: [2],
    validation: [],
    metric: 'loss',
    best: 1,
    seconds: 3,
  } as const;
  expect(curvesOf([report], watched)[0]?.loss).toEqual([{ at: 0.25, value: 1 }]);
});
