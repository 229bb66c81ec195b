import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { estimateRecipe } from '../estimate.ts';
import { createRng } from '../math/rng.ts';
import { measureSize } from '../metrics/size.ts';
import { decode, type Encoding } from '../model/encoding.ts';
import { type Model, type Weight, withWeights } from '../model/model.ts';
import { controlOf } from '../params.ts';
import { applyStep, planRecipe, previewStep } from '../plan.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend } from '../runtime/backends.ts';
import { sketchModel } from '../sketch.ts';
import type { StepNote } from '../technique.ts';
import { trainingEntries } from '../train/settings.ts';
import { allTechniques, techniqueOf } from './index.ts';
import { calibratingTechniques, studyingTechniques, trainingTechniques } from './trains.ts';

const net = buildNet(
  'contract',
  [7, 7, 3],
  [
    { className: 'Conv2D', config: { filters: 16, kernel_size: 3, padding: 'same', use_bias: false }, name: 'block/conv' },
    { className: 'BatchNormalization', name: 'block/norm' },
    { className: 'Activation', config: { activation: 'relu' } },
    { className: 'DepthwiseConv2D', config: { kernel_size: 3, depth_multiplier: 2 }, name: 'depthwise' },
    { className: 'BatchNormalization', config: { scale: false }, name: 'norm' },
    { className: 'SeparableConv2D', config: { filters: 12, kernel_size: 3 }, name: 'separable' },
    { className: 'Flatten' },
    { className: 'Dense', config: { units: 20, activation: 'relu' }, name: 'hidden' },
    { className: 'Dense', config: { units: 20 }, name: 'again' },
    { className: 'Dense', config: { units: 2 }, name: 'logits' },
  ],
);

beforeAll(() => startBackend('simd'));

/** 40 pictures of two classes: noise, brighter where the class is 1. */
function pictures() {
  const rng = createRng(5);
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const values = Float32Array.from({ length: 40 * 147 }, (_, i) => rng.normal() + (labels[Math.floor(i / 147)] as number));
  return arrayDataset({ name: 'pictures', kind: 'images', sampleShape: [7, 7, 3], values, labels });
}

const training = { dataset: pictures(), preprocessing: 'raw', id: 'pictures' } as const;
const contextOf = (seed = 7): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(seed),
  training,
  teacher: net,
});

/** The parts of a model that say all about it, in a form that compares fast. */
const essence = ({ nodes, weights, activations }: Model) =>
  JSON.stringify([
    nodes,
    [...(activations ?? [])],
    [...weights].map(([id, { values, encoding, mask }]) => [id, packed(values), packed(mask), encodingEssence(encoding)]),
  ]);
const packed = (array: Float32Array | Uint8Array | Uint16Array | undefined) =>
  array && Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
const encodingEssence = (encoding: Encoding) => ('codes' in encoding ? { ...encoding, codes: packed(encoding.codes) } : encoding);

/** Training is as short as it gets, unless a step says otherwise. */
const shortened = (steps: readonly Record<string, unknown>[]) =>
  steps.map((step) => (techniqueOf(String(step.use)).trains ? { epochs: 1, batchSize: 16, ...step } : step));

async function run(steps: readonly Record<string, unknown>[], model: Model = net, context = contextOf()) {
  const plan = planRecipe(parseRecipe({ recipe: 1, steps: shortened(steps) }), model);
  const notes: StepNote[] = [...plan.notes];
  let current = model;
  for (const step of plan.steps) {
    const result = await applyStep(step, current, context);
    notes.push(...result.notes);
    current = result.model;
  }
  return { model: current, notes };
}

const estimate = (steps: readonly Record<string, unknown>[], model: Model = net) =>
  estimateRecipe(model, sketchModel(model), parseRecipe({ recipe: 1, steps: shortened(steps) }));

const valuesOf = (model: Model, id: string): Float32Array => model.weights.get(id)?.values ?? new Float32Array();

function expectConsistent(model: Model): void {
  for (const { encoding, values, shape, mask } of model.weights.values()) {
    if ('codes' in encoding) expect(values).toEqual(decode(encoding, shape));
    if (mask !== undefined) expect(values.every((value, i) => mask[i] === 1 || Object.is(value, 0))).toBe(true);
  }
}

/** Settings worth trying for every technique: the defaults and each word, switch, end and listed value. */
function variants(id: string): Record<string, unknown>[] {
  // What every training has is tried with one of them.
  const known = id === 'train/fine-tune' ? ['epochs'] : Object.keys(trainingEntries({ epochs: 1, learningRate: 0.001 }));
  const entries = Object.entries(techniqueOf(id).params.entries).filter(([key]) => !known.includes(key));
  return [
    {},
    ...entries.flatMap(([key, schema]): Record<string, unknown>[] => {
      const control = controlOf(schema);
      if (control === undefined || control.control === 'text') return [];
      if (control.control === 'choice') return control.options.map((word) => ({ [key]: word }));
      if (control.control === 'switch') return [{ [key]: true }, { [key]: false }];
      return (control.values ?? [control.min, control.max]).map((value) => ({ [key]: value }));
    }),
  ];
}

it('knows which techniques train, study or calibrate without loading them', () => {
  const those = (flag: 'trains' | 'studies' | 'calibrates') =>
    allTechniques
      .filter((technique) => technique[flag])
      .map(({ id }) => id)
      .sort();
  expect([...trainingTechniques].sort()).toEqual(those('trains'));
  expect([...studyingTechniques].sort()).toEqual(those('studies'));
  expect([...calibratingTechniques].sort()).toEqual(those('calibrates'));
});

describe.each(allTechniques.map(({ id }) => id))('%s', (id) => {
  const technique = techniqueOf(id);
  // Beside the layers that a step prunes or quantizes, all others train along.
  const formOnly = technique.trains === true && technique.phase !== 'train';
  const changedBy = async (step: Record<string, unknown>) => {
    const { model } = await run([{ use: id, ...step }]);
    // Whoever reads fewer channels has another kernel too, but was not what the step worked on.
    if (id === 'prune/channels') return net.nodes.filter((node, i) => model.nodes[i] !== node).map(({ name }) => name);
    if (technique.calibrates) return [...(model.activations?.keys() ?? [])].filter((value) => value !== 'input');
    return [...net.weights]
      .filter(([key, weight]) => {
        const now = model.weights.get(key);
        return formOnly ? now?.encoding.kind !== weight.encoding.kind || now.mask !== weight.mask : now !== weight;
      })
      .map(([key]) => key.split('/').slice(0, -1).join('/'));
  };

  it('has a title, a sentence and a control for every parameter', () => {
    expect(technique.title).toMatch(/^[A-Z]/);
    expect(technique.summary).toMatch(/\.$/);
    for (const [key, schema] of Object.entries(technique.params.entries)) expect(controlOf(schema)?.title, key).toMatch(/^[A-Z]/);
  });

  it('fills in defaults that come back as themselves', () => {
    const defaults = v.parse(technique.params, {});
    expect(v.parse(technique.params, JSON.parse(JSON.stringify(defaults)))).toEqual(defaults);
  });

  it('touches only the layers that where and except leave it', async () => {
    const all = new Set(await changedBy({}));
    expect(all.size).toBeGreaterThan(1);
    const first = id === 'fold/batch-norm' ? 'block/norm' : [...all][0];
    expect(new Set(await changedBy({ except: first })).has(first ?? '')).toBe(false);
    // Whoever reads a student's narrower layer changes too; nobody reads the last one.
    const wheres: Readonly<Record<string, string>> = { 'fold/batch-norm': 'block/*', 'distill/student': 'logits' };
    const where = wheres[id] ?? 'hidden';
    const some = new Set(await changedBy({ where }));
    expect([...some].every((layer) => layer.startsWith(where.replace('*', '')))).toBe(true);
    expect(some.size).toBeGreaterThan(0);
  });

  it.each(variants(id).map((params) => [JSON.stringify(params), params] as const))(
    'writes the bytes it estimated, values that its codes decode to, the same twice: %s',
    async (_, params) => {
      const steps = [{ use: id, ...params }];
      const { model } = await run(steps);
      expectConsistent(model);
      const size = measureSize(model);
      const estimated = estimate(steps);
      expect(estimated.payload).toBe(size.payload);
      expect(estimated.layers.map(({ name, payload }) => [name, payload])).toEqual(
        size.layers.map(({ layer, payload }) => [layer, payload]),
      );
      // What training will make of the weights, no sketch can tell.
      expect(Math.abs(estimated.entropy / size.entropy - 1)).toBeLessThan(technique.trains ? 0.25 : 0.05);
      expect(essence((await run(steps)).model) === essence(model)).toBe(true);
    },
  );

  it('stops before the next tensor once it is aborted', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const context: Context = {
      ...contextOf(),
      signal: controller.signal,
      report: ({ done }) => {
        seen.push(done);
        if (done === 1) controller.abort();
      },
    };
    await expect(run([{ use: id }], net, context)).rejects.toThrow(/abort/i);
    expect(seen).toEqual([0, 1]);
  });

  it('refuses weights that are not numbers, by name', async () => {
    const broken = new Map<string, Weight>();
    for (const [key, weight] of net.weights) {
      const values = weight.values.slice();
      values[values.length - 1] = Number.NaN;
      broken.set(key, { ...weight, values });
    }
    await expect(run([{ use: id }], withWeights(net, broken))).rejects.toMatchObject({
      code: 'WEIGHT_NOT_FINITE',
      detail: expect.stringMatching(/^1 of the \d+ values of "block\/(conv\/kernel|norm\/gamma)"/),
    });
  });

  it('leaks no tensor', async () => {
    // Kernels and gradients that are loaded with the first training hold no tensors either, but may be loaded by it.
    await run([{ use: id }]);
    const before = tf.memory().numTensors;
    await run([{ use: id }]);
    expect(tf.memory().numTensors).toBe(before);
  });

  const learns = technique.trains === true || technique.calibrates === true;
  it.skipIf(!learns)('needs data to learn from, and none for a preview of the same size', async () => {
    const { training: _, ...without } = contextOf();
    const code = technique.trains ? 'TRAIN_NO_DATA' : 'CALIBRATION_NO_DATA';
    await expect(run([{ use: id }], net, without)).rejects.toMatchObject({ code });
    const [step] = planRecipe(parseRecipe({ recipe: 1, steps: shortened([{ use: id }]) }), net).steps;
    if (step === undefined) throw new Error('There is a step.');
    const preview = await previewStep(step, net, without);
    expectConsistent(preview.model);
    expect(measureSize(preview.model).payload).toBe(measureSize((await run([{ use: id }])).model).payload);
  });

  it('leaves the model it was given as it was', async () => {
    const before = new Map([...net.weights].map(([key, { values }]) => [key, values.slice()]));
    await run([{ use: id }]);
    for (const [key, values] of before) expect(valuesOf(net, key)).toEqual(values);
  });
});

describe('together', () => {
  const grids = allTechniques
    .filter(({ phase }) => phase === 'grid')
    .flatMap(({ id }) => variants(id).map((params) => ({ use: id, ...params })));

  it.each(grids.map((step) => [JSON.stringify(step), step] as const))('pruned weights stay zero under %s', async (_, step) => {
    const { model: pruned } = await run([{ use: 'prune/magnitude', sparsity: 0.7 }]);
    const steps = [{ use: 'prune/magnitude', sparsity: 0.7 }, step];
    const { model } = await run(steps);
    expectConsistent(model);
    expect(model.weights.get('hidden/kernel')?.mask).toEqual(pruned.weights.get('hidden/kernel')?.mask);
    expect(estimate(steps).payload).toBe(measureSize(model).payload);
  });

  it('folding, pruning and quantizing in any written order run in the sound one and are estimated exactly', async () => {
    const steps = [{ use: 'quantize/affine', bits: 4 }, { use: 'prune/magnitude' }, { use: 'fold/batch-norm' }];
    const { model, notes } = await run(steps);
    expect(notes.find(({ code }) => code === 'reordered')?.text).toContain(
      'fold/batch-norm (step 3), then prune/magnitude (step 2)',
    );
    const size = measureSize(model);
    expect(estimate(steps).payload).toBe(size.payload);
    expect(model.nodes.some(({ op }) => op === 'BatchNormalization')).toBe(false);
    const other = await run([...steps].reverse());
    expect(essence(other.model) === essence(model)).toBe(true);
  });
});
