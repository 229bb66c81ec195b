import { describe, expect, it } from 'vitest';
import { smallModel } from '../testing/small-model.ts';
import { answerOf, createAccuracyCounter } from './accuracy.ts';
import { createAgreementCounter } from './agreement.ts';
import { macsFigure } from './macs.ts';
import { createRegressionCounter } from './regression.ts';

describe('createAccuracyCounter', () => {
  it('counts top-1, top-5 and discordant pairs over batches', () => {
    const counter = createAccuracyCounter(6);
    counter.add(Float32Array.of(0, 1, 2, 3, 4, 5), Float32Array.of(5, 4, 3, 2, 1, 0), [5]);
    counter.add(Float32Array.of(0, 1, 2, 3, 4, 5), Float32Array.of(0, 1, 2, 3, 5, 4), [0]);
    const { before, after, n, correct, paired } = counter.figures();
    expect([n, correct]).toEqual([2, { before: 1, after: 0 }]);
    expect([before['accuracy/top1']?.value, before['accuracy/top5']?.value]).toEqual([0.5, 0.5]);
    expect([after?.['accuracy/top1']?.value, after?.['accuracy/top5']?.value]).toEqual([0, 0]);
    expect(paired['accuracy/top1']?.difference.value).toBe(-50);
  });

  it('takes one output as a probability and answers the first of equals', () => {
    expect([0.5, 0.51, 0.2, NaN].map((value) => answerOf(Float32Array.of(value), 0, 1))).toEqual([0, 1, 0, -1]);
    expect(answerOf(Float32Array.of(1, 3, 3), 0, 3)).toBe(1);
  });

  it('counts an answer that is not finite as wrong', () => {
    const counter = createAccuracyCounter(2);
    counter.add(Float32Array.of(NaN, 1, 0, 1), null, [1, 1]);
    expect(counter.figures()).toMatchObject({
      n: 2,
      correct: { before: 1, after: null },
      unanswered: { before: 1 },
      after: null,
      paired: {},
    });
  });

  it('has figures without a NaN before the first sample', () => {
    expect(createAccuracyCounter(3).figures().before['accuracy/top1']).toEqual({
      value: 0,
      unit: 'fraction',
      interval: [0, 1],
      n: 0,
      how: 'measured',
    });
  });
});

describe('createRegressionCounter', () => {
  // sklearn.metrics: r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8]) = 0.9486081370449679, mean_absolute_error = 0.5 (scikit-learn's documentation).
  it('equals the published example', () => {
    const counter = createRegressionCounter(1, 1);
    counter.add(Float32Array.of(2.5, 0), Float32Array.of(2.5, 0), Float32Array.of(3, -0.5));
    counter.add(Float32Array.of(2, 8), Float32Array.of(2, 8.5), Float32Array.of(2, 7));
    const { before, after, paired } = counter.figures({ intervals: true });
    expect(before['accuracy/mae']?.value).toBe(0.5);
    expect(before['accuracy/r2']?.value).toBeCloseTo(0.9486081370449679, 12);
    expect(after?.['accuracy/mae']?.value).toBe(0.625);
    expect(paired['accuracy/mae']?.difference).toMatchObject({ value: 0.125, n: 4 });
    expect(before['accuracy/mae']?.interval?.[0]).toBeLessThanOrEqual(0.5);
  });

  // r2_score([[0.5, 1], [-1, 1], [7, -6]], [[0, 2], [-1, 2], [8, -5]], multioutput='raw_values') = [0.96543779, 0.90816327] (same source).
  it('averages R² over several values', () => {
    const counter = createRegressionCounter(2, 1);
    counter.add(Float32Array.of(0, 2, -1, 2, 8, -5), null, Float32Array.of(0.5, 1, -1, 1, 7, -6));
    const { before } = counter.figures({ intervals: false });
    expect(before['accuracy/r2']?.value).toBeCloseTo((0.965437788018433 + 0.9081632653061225) / 2, 9);
    expect(before['accuracy/mae']?.value).toBeCloseTo(0.75, 12);
  });

  it('calls identical models no measurable loss, leaves NaN out and R² of constant targets away', () => {
    const counter = createRegressionCounter(1, 1);
    const outputs = Float32Array.of(1, 2, NaN, 4);
    counter.add(outputs, outputs, Float32Array.of(5, 5, 5, 5));
    const { n, unanswered, before, paired } = counter.figures({ intervals: true });
    expect([n, unanswered, Object.keys(before), paired['accuracy/mae']?.verdict]).toEqual([3, 1, ['accuracy/mae'], 'none']);
  });
});

describe('createAgreementCounter', () => {
  it('counts equal answers and differences, marked synthetic', () => {
    const counter = createAgreementCounter(2, true, true);
    counter.add(Float32Array.of(1, 0, 0, 1), Float32Array.of(0.5, 0.25, 1, 0), 2);
    const { figures, same, n } = counter.figures();
    expect([same, n]).toEqual([1, 2]);
    expect(figures['agreement/top1']).toMatchObject({ value: 0.5, n: 2, synthetic: true });
    expect([figures['agreement/max']?.value, figures['agreement/mean']?.value]).toEqual([1, (0.5 + 0.25 + 1 + 1) / 4]);
  });

  it('agrees with nothing that is not finite', () => {
    const counter = createAgreementCounter(2, true, false);
    counter.add(Float32Array.of(NaN, 0), Float32Array.of(NaN, 0), 1);
    expect(counter.figures().same).toBe(0);
  });
});

describe('macsFigure', () => {
  it('counts a convolution by hand, and says nothing of an unknown size', () => {
    const layers = [{ name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: [3, 3] } }];
    // 6 × 6 outputs, each 4 filters of 3 × 3 × 2.
    expect(macsFigure(smallModel({ input: [8, 8, 2] }, layers))).toEqual({ value: 6 * 6 * 4 * 18, unit: 'MAC', how: 'measured' });
    expect(macsFigure(smallModel({ input: [null, null, 2] }, layers))).toBeNull();
  });
});
