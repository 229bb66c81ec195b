import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildNet, depthwiseNet, lenet, residualNet } from '../../../bench/nets.ts';
import { stockModel } from '../../../bench/stock-model.ts';
import { createRng } from '../math/rng.ts';
import { type ActivationGrid, fakeQuantize, stepsOf, withActivations } from '../model/activation-grid.ts';
import { elementCount, type Model, parameterCount, withWeights } from '../model/model.ts';
import { relativeDifference } from '../model/ops/cases.ts';
import { runSmall } from '../testing/small-model.ts';
import { type BackendName, startBackend, stopBackend } from './backends.ts';
import { createPredictor } from './executor.ts';

const inputShape = (model: Model): number[] => (model.inputs[0]?.shape ?? []).map((size) => size ?? 1);

const pictures = (model: Model, count: number): Float32Array => {
  const rng = createRng(5);
  return Float32Array.from({ length: count * elementCount(inputShape(model)) }, () => rng.normal());
};

async function stockPredict(model: Model, input: Float32Array, count: number): Promise<Float32Array> {
  const stock = await stockModel(model);
  const x = tf.tensor(input, [count, ...inputShape(model)]);
  const y = stock.predict(x) as tf.Tensor;
  const values = (await y.data()) as Float32Array;
  tf.dispose([x, y]);
  stock.dispose();
  return values.slice();
}

function raise(missing: string): never {
  throw new Error(`There is no ${missing}.`);
}

describe.each<[BackendName]>([['cpu'], ['wasm'], ['simd']])('on %s', (backend) => {
  beforeAll(() => startBackend(backend));
  afterAll(() => stopBackend(backend));

  it.each([
    ['lenet', lenet()],
    ['depthwise', depthwiseNet()],
    ['residual', residualNet()],
  ])('%s answers as stock TF.js does', async (_, model) => {
    const input = pictures(model, 2);
    const predictor = await createPredictor(model);
    const [ours = new Float32Array()] = await predictor.predict([input], 2);
    predictor.dispose();
    expect(relativeDifference(await stockPredict(model, input, 2), ours)).toBeLessThan(1e-5);
  });

  it('leaks nothing: not per batch, not after dispose, not when an input does not fit', async () => {
    const model = residualNet();
    const { numTensors } = tf.memory();
    const predictor = await createPredictor(model);
    const loaded = tf.memory().numTensors;
    // On WASM a batch normalization keeps two tensors in place of four.
    expect(loaded - numTensors).toBe(model.weights.size - (backend === 'wasm' ? 2 : 0));
    for (let run = 0; run < 3; run++) await predictor.predict([pictures(model, 2)], 2);
    await predictor.timeNodes([pictures(model, 1)], 1);
    await expect(predictor.predict([pictures(model, 1)], 2)).rejects.toThrow('The data does not fit the model.');
    expect(tf.memory().numTensors).toBe(loaded);
    predictor.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('an executor', () => {
  beforeAll(() => startBackend('wasm'));

  it('exchanges the weights that changed and refuses another graph', async () => {
    const model = residualNet();
    const doubled = ['stem/kernel', 'branch/gamma'].map((id) => {
      const weight = model.weights.get(id) ?? raise(id);
      return [id, { ...weight, values: weight.values.map((value) => 2 * value) }] as const;
    });
    const changed = withWeights(model, new Map(doubled));
    const [predictor, expected] = [await createPredictor(model), await createPredictor(changed)];
    const input = pictures(model, 1);
    const tensors = tf.memory().numTensors;
    expect(predictor.updateWeights(changed)).toBe(true);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await predictor.predict([input], 1)).toEqual(await expected.predict([input], 1));
    expect(predictor.updateWeights(lenet())).toBe(false);
    expect(predictor.updateWeights(model)).toBe(true);
    predictor.dispose();
    expected.dispose();
  });

  it('counts the highest bytes of a batch: weights, the input and what is alive beside it', async () => {
    const model = buildNet(
      'row',
      [8],
      [{ className: 'ReLU' }, { className: 'Dense', config: { units: 8 } }, { className: 'ReLU' }],
    );
    const predictor = await createPredictor(model);
    expect(predictor.peakBytes).toBe(4 * parameterCount(model));
    await predictor.predict([pictures(model, 3)], 3);
    expect(predictor.peakBytes).toBe(4 * parameterCount(model) + 2 * 4 * 3 * 8);
    predictor.dispose();
  });

  it('runs a model of open sizes at the size it is given, and refuses to guess one', async () => {
    const sized = buildNet(
      'open',
      [6, 5, 2],
      [{ className: 'Conv2D', config: { filters: 3, kernel_size: 3 } }, { className: 'GlobalMaxPooling2D' }],
    );
    const open = { ...sized, inputs: sized.inputs.map((input) => ({ ...input, shape: [null, null, 2] })) };
    await expect(createPredictor(open)).rejects.toThrow('The model takes (?, ?, 2), and was to run on (?, ?, 2)');
    await expect(createPredictor(open, { inputShapes: [[6, 5, 3]] })).rejects.toMatchObject({ code: 'RUNTIME_INPUT_SHAPE' });
    const [ours, expected] = [await createPredictor(open, { inputShapes: [[6, 5, 2]] }), await createPredictor(sized)];
    const input = pictures(sized, 2);
    expect(await ours.predict([input], 2)).toEqual(await expected.predict([input], 2));
    ours.dispose();
    expected.dispose();
  });

  it('gives every output, also one that is read inside, and one that is an input', async () => {
    const base = residualNet();
    const model = { ...base, outputs: ['stem', base.outputs[0] ?? '', 'input'] };
    const predictor = await createPredictor(model);
    const input = pictures(base, 1);
    const [stem, classes, echo] = await predictor.predict([input], 1);
    expect(stem?.length).toBe(16 * 16 * 16);
    expect(classes?.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(echo).toEqual(input);
    expect(predictor.answer).toBe(1);
    predictor.dispose();
  });

  it('times every node once', async () => {
    const model = residualNet();
    const predictor = await createPredictor(model);
    const times = await predictor.timeNodes([pictures(model, 1)], 1);
    expect([...times.keys()]).toEqual(model.nodes.map(({ name }) => name));
    predictor.dispose();
  });

  it('rounds values to their grids, within layers too, and takes other grids along with weights', async () => {
    const model = residualNet();
    const layers = model.nodes.map(({ outputs: [value = ''] }) => value);
    const last = layers.at(-1) ?? '';
    const grids = (top: number) =>
      new Map<string, ActivationGrid>([
        ['input', { min: -2, max: 2, bits: 8 }],
        ['stem', { min: 0, max: top, bits: 8 }],
        [`${last}#linear`, { min: -top, max: top, bits: 16 }],
        [last, { min: 0, max: 255 / 256, bits: 8 }],
      ]);
    const quantized = withActivations(model, grids(3));
    const input = pictures(model, 2);
    const predictor = await createPredictor(quantized);
    const tensors = tf.memory().numTensors;
    const seen = new Map<string, Float32Array>();
    await predictor.observe([input], 2, ({ name }, values) => seen.set(name, values));
    expect([...seen.keys()]).toEqual(model.nodes.map(({ name }) => name));
    // Layer by layer, with the ops' own forward passes.
    const round = (values: Float32Array, grid: ActivationGrid) => fakeQuantize(values, stepsOf(grid));
    const whole = grids(3);
    const gridOf = (id: string) => whole.get(id) ?? raise(id);
    const [stem = new Float32Array()] = runSmall({ ...model, outputs: ['stem'] }, [round(input, gridOf('input'))], 2);
    expect(seen.get('stem')).toEqual(round(stem, gridOf('stem')));
    const [answer = new Float32Array()] = await predictor.predict([input], 2);
    expect(answer.every((p) => Number.isInteger(p * 256))).toBe(true);
    expect(predictor.updateWeights(model)).toBe(false);
    expect(predictor.updateWeights(withActivations(model, grids(0.1)))).toBe(true);
    await predictor.observe([input], 2, ({ name }, values) => seen.set(name, values));
    expect(Math.max(...(seen.get('stem') ?? []))).toBeCloseTo(0.1, 6);
    expect(tf.memory().numTensors).toBe(tensors);
    predictor.dispose();
  });
});
