/** The driver on predictors made by hand: streaming, cancelling, synthetic input, outputs that are not finite. */
import { describe, expect, it } from 'vitest';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { peakMemory } from './memory.ts';

/** A predictor whose outputs are a function of one sample. */
function predictorOf(
  shapes: readonly (readonly number[])[],
  answer: (sample: Float32Array) => readonly number[],
): Predictor & { calls: number } {
  return {
    backend: 'test',
    inputShapes: shapes,
    peakBytes: 12,
    calls: 0,
    dispose: () => {},
    async predict([input = new Float32Array(0)], count) {
      this.calls++;
      const width = input.length / count;
      const rows = Array.from({ length: count }, (_, row) => answer(input.subarray(row * width, (row + 1) * width)));
      return [Float32Array.from(rows.flat())];
    },
  };
}

function contextOf(signal = new AbortController().signal) {
  return { signal, report: () => {}, rng: createRng(1) };
}

/** 100 pictures of one pixel, 0, 2.55, 5.1 … ; class 1 from 127.5 on. */
const pixels = arrayDataset({
  name: 'pixels',
  kind: 'images',
  sampleShape: [1, 1, 1],
  values: Float32Array.from({ length: 100 }, (_, index) => index * 2.55),
  labels: Int32Array.from({ length: 100 }, (_, index) => Number(index >= 50)),
});
const step = (threshold: number) => predictorOf([[1, 1, 1]], ([value = 0]) => (value >= threshold ? [0.1, 0.9] : [0.9, 0.1]));

describe('evaluate', () => {
  it('measures two models batch by batch', async () => {
    const partial: Evaluation[] = [];
    const result = await evaluate({
      predictors: [step(0.4999), step(0.5299)],
      dataset: pixels,
      preprocessing: 'unit',
      batchSize: 32,
      context: contextOf(),
      onPartial: (evaluation) => partial.push(evaluation),
    });
    expect(result).toMatchObject({ task: 'classes', n: 100, correct: { before: 100, after: 97 }, synthetic: false, notes: [] });
    expect(result.agreement['agreement/top1']?.value).toBe(0.97);
    expect(result.paired['accuracy/top1']?.difference.value).toBe(-3);
    expect(partial.map(({ n }) => n)).toEqual([32, 64, 96, 100]);
    expect([...(result.answers?.after?.slice(49, 54) ?? [])]).toEqual([0, 0, 0, 0, 1]);
  });

  it('stops at most one batch after an abort, and respects the limit', async () => {
    const controller = new AbortController();
    const before = step(0.5);
    const job = { predictors: [before] as const, dataset: pixels, preprocessing: 'unit' as const, batchSize: 10 };
    const running = evaluate({ ...job, context: contextOf(controller.signal), onPartial: () => controller.abort() });
    await expect(running).rejects.toThrow(/abort/i);
    expect(before.calls).toBe(1);
    expect((await evaluate({ ...job, limit: 25, context: contextOf() })).n).toBe(25);
  });

  it('tells agreement on synthetic input where there is no data', async () => {
    const result = await evaluate({
      predictors: [step(0.5), step(0.5)],
      dataset: null,
      preprocessing: 'raw',
      context: contextOf(),
    });
    expect(result).toMatchObject({ task: 'none', n: 64, before: {}, after: null, correct: null, synthetic: true });
    expect(result.agreement['agreement/top1']).toMatchObject({ value: 1, synthetic: true });
    expect(result.notes.map(({ code }) => code)).toEqual(['SYNTHETIC_INPUT']);
  });

  it('counts outputs that are not finite as wrong, by a note and never as a NaN', async () => {
    const broken = predictorOf([[1, 1, 1]], ([value = 0]) => (value > 0.9 ? [NaN, NaN] : [0.9, 0.1]));
    const result = await evaluate({
      predictors: [step(0.4999), broken],
      dataset: pixels,
      preprocessing: 'unit',
      context: contextOf(),
    });
    expect(result.correct).toEqual({ before: 100, after: 50 });
    expect(result.notes[0]?.text).toMatch(/The result gave an output that is not finite for 9 of 100 samples/);
    expect(JSON.stringify(result)).not.toMatch(/null,"unit"/);
  });

  it('measures values', async () => {
    const table = arrayDataset({
      name: 'line',
      kind: 'table',
      sampleShape: [1],
      values: Float32Array.of(1, 2, 3, 4),
      targets: Float32Array.of(2, 4, 6, 8),
    });
    const predictors = [predictorOf([[1]], ([x = 0]) => [2 * x]), predictorOf([[1]], ([x = 0]) => [2 * x + 1])] as const;
    const result = await evaluate({ predictors, dataset: table, preprocessing: 'raw', context: contextOf() });
    expect(result.before['accuracy/mae']?.value).toBe(0);
    expect(result.before['accuracy/r2']?.value).toBe(1);
    expect(result.paired['accuracy/mae']).toMatchObject({ difference: { value: 1 }, verdict: 'worse' });
    expect(result.answers).toBeNull();
  });

  it('says what does not fit', async () => {
    const job = { dataset: pixels, preprocessing: 'raw' as const, context: contextOf() };
    const three = predictorOf([[3]], () => [0.5, 0.5]);
    await expect(evaluate({ ...job, predictors: [three] })).rejects.toThrow(/1×1×1 \(1 values\); the model takes 3 values/);
    const twoInputs = predictorOf([[1], [1]], () => [0.5, 0.5]);
    await expect(evaluate({ ...job, predictors: [twoInputs] })).rejects.toThrow(/takes 2 inputs/);
  });

  it('reports the peak of tensor memory', () => {
    expect(peakMemory(step(1))).toEqual({ value: 12, unit: 'B', how: 'measured', on: 'test' });
  });
});
