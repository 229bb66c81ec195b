import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import { float32 } from '../model/encoding.ts';
import { type Model, withWeights } from '../model/model.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { smallModel, weightIn } from '../testing/small-model.ts';
import { compareAnswers } from './answers.ts';

const contextOf = (signal = new AbortController().signal): Context => ({ signal, report: () => {}, rng: createRng(1) });

function given(model: Model, id: string, values: readonly number[]): Model {
  const { shape } = weightIn(model, id);
  return withWeights(model, new Map([[id, { shape, values: Float32Array.from(values), encoding: float32 }]]));
}

function denseOf(units: number, activation: string, kernel: readonly number[]): Model {
  const net = smallModel({ x: [1] }, [{ name: 'dense', op: 'Dense', config: { units, activation, use_bias: false } }]);
  return given(net, 'dense/kernel', kernel);
}

const rows = (values: readonly number[], answers: object) =>
  arrayDataset({ name: 'rows', kind: 'table', sampleShape: [1], values: Float32Array.from(values), ...answers });

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

describe('compareAnswers', () => {
  it('lists flipped answers, worst first, for logits and for probabilities', async () => {
    const dataset = rows([1, 2, -1], { labels: Int32Array.of(0, 0, 0) });
    for (const activation of ['linear', 'softmax']) {
      const job = { dataset, preprocessing: 'raw', context: contextOf() } as const;
      const original = denseOf(2, activation, [1, -1]);
      const view = await compareAnswers({ ...job, original, result: denseOf(2, activation, [-1, 1]) });
      if (view.kind !== 'classes') throw new Error(view.kind);
      const p = (x: number) => 1 / (1 + Math.exp(-2 * x));
      expect(view.flipped.map(({ index, before, after, turn }) => [index, before, after, turn])).toEqual([
        [1, 0, 1, 'lost'],
        [0, 0, 1, 'lost'],
        [2, 1, 0, 'gained'],
      ]);
      expect(view.flipped[0]?.drop).toBeCloseTo(p(2) - p(-2), 5);
      expect(view).toMatchObject({ n: 3, flippedCount: 3, roc: null, synthetic: false });
      expect(view.confusion.cells).toEqual([
        { truth: 0, answer: 0, before: 2, after: 1 },
        { truth: 0, answer: 1, before: 1, after: 2 },
      ]);
    }
  });

  it('draws the curve of a model with one output', async () => {
    const dataset = rows([-2, -1, 1, 2], { labels: Int32Array.of(0, 0, 1, 1) });
    const view = await compareAnswers({
      original: denseOf(1, 'sigmoid', [1]),
      result: denseOf(1, 'sigmoid', [-1]),
      dataset,
      preprocessing: 'raw',
      top: 1,
      context: contextOf(),
    });
    if (view.kind !== 'classes') throw new Error(view.kind);
    expect([view.roc?.areaBefore.value, view.roc?.areaAfter.value]).toEqual([1, 0]);
    expect([view.flipped.length, view.flippedCount]).toEqual([1, 4]);
    expect(view.flipped[0]).toMatchObject({ index: 0, label: 0, turn: 'lost' });
  });

  it('shows values against what is wanted', async () => {
    const dataset = rows([1, 2, 3], { targets: Float32Array.of(1, 2, 3.5) });
    const job = { original: denseOf(1, 'linear', [1]), dataset, preprocessing: 'raw', context: contextOf() } as const;
    const view = await compareAnswers({ ...job, result: denseOf(1, 'linear', [1.5]) });
    if (view.kind !== 'values') throw new Error(view.kind);
    expect(view.worst).toEqual([
      { index: 1, target: 2, before: 2, after: 3, worse: 1 },
      { index: 0, target: 1, before: 1, after: 1.5, worse: 0.5 },
      { index: 2, target: 3.5, before: 3, after: 4.5, worse: 0.5 },
    ]);
    expect(view.points).toHaveLength(3);
  });

  it('compares pictures, with the input where they have its shape', async () => {
    const net = smallModel({ x: [2, 2, 1] }, [
      { name: 'conv', op: 'Conv2D', config: { filters: 1, kernel_size: 1, use_bias: false } },
    ]);
    const [original, result] = [given(net, 'conv/kernel', [1]), given(net, 'conv/kernel', [0.9])];
    const view = await compareAnswers({ original, result, dataset: null, preprocessing: 'raw', context: contextOf() });
    if (view.kind !== 'pictures') throw new Error(view.kind);
    expect(view).toMatchObject({ peak: 1, against: 'input', before: null, synthetic: true, n: 64 });
    // Σ(0.1 x)² / n of uniform x is 0.01 / 3.
    expect(view.result?.value).toBeCloseTo(10 * Math.log10(300), 0);
    expect(view.after?.value).toBeCloseTo(view.result?.value ?? 0, 6);
    expect(view.worst[0]?.psnr).toBeLessThan(view.result?.value ?? 0);
  });

  it('needs no labels for classes, and can be cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const [original, result] = [denseOf(2, 'softmax', [1, -1]), denseOf(2, 'softmax', [0.1, -0.1])];
    const job = { original, result, dataset: null, preprocessing: 'raw' } as const;
    const view = await compareAnswers({ ...job, context: contextOf() });
    expect(view).toMatchObject({ kind: 'classes', flippedCount: 0, confusion: { labelled: false } });
    await expect(compareAnswers({ ...job, context: contextOf(controller.signal) })).rejects.toThrow(/abort/i);
  });
});
