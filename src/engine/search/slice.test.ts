import { describe, expect, it } from 'vitest';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { firstOf, lossOf, prepareSlice, scoreOf } from './slice.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

/** Answers each sample with a row made from its first number. */
function predictorOf(answer: (value: number) => readonly number[]): Predictor {
  return {
    backend: 'test',
    inputShapes: [[1]],
    peakBytes: 0,
    dispose: () => {},
    predict: async ([values = new Float32Array(0)]) => [Float32Array.from([...values].flatMap((value) => [...answer(value)]))],
  };
}

const rows = (values: readonly number[], answers: object) =>
  arrayDataset({ name: 'rows', kind: 'table', sampleShape: [1], values: Float32Array.from(values), ...answers });

const slice = (answer: (value: number) => readonly number[], answers: object, values = [0, 1, 2, 3]) =>
  prepareSlice(predictorOf(answer), { dataset: rows(values, answers), preprocessing: 'raw' }, values.length, context);

describe('loss', () => {
  it('is the mean Kullback–Leibler divergence of class probabilities', async () => {
    const two = await slice(() => [0.25, 0.75], { labels: Int32Array.of(0, 1) }, [0, 1]);
    expect(two.score).toBe('accuracy');
    const expected = (0.25 * Math.log(0.25 / 0.5) + 0.75 * Math.log(0.75 / 0.5) + 0) / 2;
    expect(lossOf(two, Float32Array.of(0.5, 0.5, 0.25, 0.75))).toBeCloseTo(expected, 6);
    expect(lossOf(two, two.reference)).toBe(0);
    expect(lossOf(two, Float32Array.of(Number.NaN, 0.5, 0.25, 0.75))).toBe(Number.POSITIVE_INFINITY);
  });

  it('is the same for logits and for one probability', async () => {
    const logits = await slice(() => [0, Math.log(3)], { labels: Int32Array.of(0, 1) }, [0, 1]);
    const single = await slice(() => [0.75], { labels: Int32Array.of(0, 1) }, [0, 1]);
    const expected = 0.25 * Math.log(0.25 / 0.5) + 0.75 * Math.log(0.75 / 0.5);
    expect(lossOf(logits, Float32Array.of(1, 1, 5, 5))).toBeCloseTo(expected, 5);
    expect(lossOf(single, Float32Array.of(0.5, 0.5))).toBeCloseTo(expected, 5);
  });

  it('is a share of the variance of values', async () => {
    const values = await slice((value) => [value], { targets: Float32Array.of(0, 1, 2, 4) });
    expect(values.score).toBe('r2');
    // Σ(ŷ − y)² = 1 over Σ(y − 1.5)² = 5.
    expect(lossOf(values, Float32Array.of(0, 1, 2, 4))).toBeCloseTo(0.2, 6);
  });
});

describe('score', () => {
  it('counts points of accuracy lost, with the paired test', async () => {
    const classes = await slice((value) => (value < 2 ? [0.9, 0.1] : [0.1, 0.9]), { labels: Int32Array.of(0, 0, 1, 0) });
    const score = scoreOf(classes, Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.1, 0.9, 0.1, 0.9));
    expect(score).toMatchObject({ kind: 'accuracy', dropPoints: 25, value: { value: 0.5, n: 4 }, agreement: { value: 0.75 } });
    expect(score.paired?.difference.value).toBe(-25);
  });

  it('is R² for values, and closeness to the original without targets', async () => {
    const values = await slice((value) => [value], { targets: Float32Array.of(0, 1, 2, 4) });
    // R² = 1 − Σ(t − y)² / Σ(t − 1.75)² = 1 − 1 / 8.75.
    expect(scoreOf(values, values.reference).value.value).toBeCloseTo(1 - 1 / 8.75, 6);
    expect(scoreOf(values, values.reference).dropPoints).toBe(0);
    const bare = await slice((value) => [value], {});
    expect(scoreOf(bare, Float32Array.of(0, 1, 2, 4))).toMatchObject({ kind: 'closeness', dropPoints: expect.closeTo(20, 4) });
  });

  it('is agreement without labels, marked where inputs are synthetic', async () => {
    const original = predictorOf((value) => (value < 0 ? [1, 0] : [0, 1]));
    const bare = await prepareSlice(original, { dataset: null, preprocessing: 'raw' }, 8, context);
    const flipped = bare.reference.slice();
    [flipped[0], flipped[1]] = [flipped[1] ?? 0, flipped[0] ?? 0];
    const score = scoreOf(bare, flipped);
    expect(score).toMatchObject({ kind: 'agreement', dropPoints: 12.5, value: { value: 0.875, synthetic: true } });
  });

  it('cuts a slice to its first samples', async () => {
    const all = await slice((value) => [value], { targets: Float32Array.of(0, 1, 2, 4) });
    const some = firstOf(all, 2);
    expect([...some.reference, ...(some.targets ?? [])]).toEqual([0, 1, 0, 1]);
    expect(some.batches.map(({ count, inputs }) => [count, inputs[0]?.length])).toEqual([[2, 2]]);
  });
});
