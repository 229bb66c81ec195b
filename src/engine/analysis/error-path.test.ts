import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import { float32 } from '../model/encoding.ts';
import { type Model, withWeights } from '../model/model.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { smallModel, weightIn } from '../testing/small-model.ts';
import { measureErrorPath } from './error-path.ts';

const contextOf = (signal = new AbortController().signal): Context => ({ signal, report: () => {}, rng: createRng(1) });

const net = smallModel({ x: [6, 6, 2] }, [
  { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3 } },
  { name: 'norm', op: 'BatchNormalization' },
  { name: 'relu', op: 'Activation', config: { activation: 'relu' } },
  { name: 'flat', op: 'Flatten' },
  { name: 'logits', op: 'Dense', config: { units: 3 } },
]);

/** The net with one kernel multiplied. */
function scaled(model: Model, id: string, factor: number): Model {
  const { values, shape } = weightIn(model, id);
  return withWeights(model, new Map([[id, { shape, values: values.map((value) => value * factor), encoding: float32 }]]));
}

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

describe('measureErrorPath', () => {
  it('finds nothing between a model and itself', async () => {
    const path = await measureErrorPath({
      original: net,
      result: net,
      dataset: null,
      preprocessing: 'raw',
      context: contextOf(),
    });
    expect(path.layers.map(({ layer, sqnr, added }) => [layer, sqnr, added])).toEqual(
      net.nodes.map(({ name }) => [name, null, 0]),
    );
    expect(path).toMatchObject({ culprit: null, skipped: [], samples: 32, synthetic: true });
  });

  it('measures a known error and names the layer that brings it in', async () => {
    // Without bias y(1.1 w) = 1.1 y: Σy² / Σ(0.1 y)² = 100, which is 20 dB, at a cosine of 1.
    const linear = smallModel({ x: [5] }, [
      { name: 'first', op: 'Dense', config: { units: 4, use_bias: false } },
      { name: 'second', op: 'Dense', config: { units: 3, use_bias: false } },
      { name: 'third', op: 'Dense', config: { units: 2, use_bias: false } },
    ]);
    const result = scaled(linear, 'second/kernel', 1.1);
    const data = arrayDataset({
      name: 'rows',
      kind: 'table',
      sampleShape: [5],
      values: Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
    });
    const path = await measureErrorPath({
      original: linear,
      result,
      dataset: data,
      preprocessing: 'raw',
      context: contextOf(),
    });
    const [first, second, third] = path.layers;
    expect(first).toMatchObject({ layer: 'first', sqnr: null, added: 0 });
    expect(second?.sqnr).toBeCloseTo(20, 3);
    expect(second?.cosine).toBeCloseTo(1, 6);
    expect(second?.added).toBeCloseTo(0.01, 5);
    expect(third?.sqnr).toBeCloseTo(20, 3);
    expect(path).toMatchObject({ culprit: 'second', samples: 8, synthetic: false });
  });

  it('compares a folded layer with its normalization', async () => {
    const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'fold/batch-norm' }] });
    const { model } = await applyRecipe(net, recipe, contextOf());
    const path = await measureErrorPath({
      original: net,
      result: model,
      dataset: null,
      preprocessing: 'raw',
      context: contextOf(),
    });
    expect(path.layers.map(({ layer }) => layer)).toEqual(['conv', 'relu', 'flat', 'logits']);
    expect(Math.min(...path.layers.map(({ sqnr }) => sqnr ?? 200))).toBeGreaterThan(100);
  });

  it('stops when cancelled and leaves no tensor behind', async () => {
    const { numTensors } = tf.memory();
    const controller = new AbortController();
    controller.abort();
    const job = { original: net, result: net, dataset: null, preprocessing: 'raw' } as const;
    await expect(measureErrorPath({ ...job, context: contextOf(controller.signal) })).rejects.toThrow(/abort/i);
    await measureErrorPath({ ...job, samples: 3, context: contextOf() });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
