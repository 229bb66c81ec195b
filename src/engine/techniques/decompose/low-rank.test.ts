import { beforeAll, expect, it } from 'vitest';
import { buildNet } from '../../../../bench/nets.ts';
import { applyRecipe } from '../../apply.ts';
import { estimateRecipe } from '../../estimate.ts';
import { createRng } from '../../math/rng.ts';
import { measureSize } from '../../metrics/size.ts';
import { elementCount, type Model } from '../../model/model.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { modelMacs, nodeMacs, validateModel } from '../../model/topology.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { sketchModel } from '../../sketch.ts';

beforeAll(() => startBackend('simd'));

const recipeOf = (...steps: readonly Record<string, unknown>[]) => parseRecipe({ recipe: 1, steps });
const context = () => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
const decompose = (model: Model, params: Record<string, unknown>) =>
  applyRecipe(model, recipeOf({ use: 'decompose/low-rank', ...params }), context());

async function answers(model: Model): Promise<Float32Array> {
  const size = elementCount((model.inputs[0]?.shape ?? []).map((length) => length ?? 1));
  const rng = createRng(5);
  const predictor = await createPredictor(model);
  const [values = new Float32Array()] = await predictor.predict([Float32Array.from({ length: size }, () => rng.normal())], 1);
  predictor.dispose();
  return values;
}

const conv = (config: Record<string, unknown>) =>
  buildNet(
    'conv',
    [9, 8, 6],
    [
      { className: 'Conv2D', name: 'c', config: { filters: 7, kernel_size: [3, 5], activation: 'relu', ...config } as never },
      { className: 'Flatten' },
      { className: 'Dense', name: 'd', config: { units: 2 } },
    ],
  );

/** A kernel made of rank 2 in the form that a decomposition lays it out. */
function ofLowRank(model: Model, spatial: boolean): Model {
  const kernel = model.weights.get('c/kernel');
  if (kernel === undefined) throw new Error('The net has a kernel.');
  const values = kernel.values.map((_, at) => {
    const [filter, channel, j, i] = [at % 7, Math.floor(at / 7) % 6, Math.floor(at / 42) % 5, Math.floor(at / 210)];
    const row = spatial ? i * 6 + channel : (i * 5 + j) * 6 + channel;
    const column = spatial ? j * 7 + filter : filter;
    return Math.sin(row) * Math.cos(column) + 0.5 * Math.cos(2 * row) * Math.sin(3 * column);
  });
  return { ...model, weights: new Map(model.weights).set('c/kernel', { ...kernel, values }) };
}

it.each(
  [
    { padding: 'same' },
    { padding: 'valid', use_bias: false },
    { padding: 'same', strides: [2, 3] },
    { padding: 'valid', dilation_rate: 2, kernel_size: [3, 3] },
  ].flatMap((config) => ['channel', 'spatial'].map((form) => [form, config] as const)),
)('answers the same where the kernel has that rank: %s %j', async (form, config) => {
  const plain = conv(config);
  const shape = plain.weights.get('c/kernel')?.shape;
  const model = shape?.[1] === 5 ? ofLowRank(plain, form === 'spatial') : plain;
  const keep = shape?.[1] === 5 ? { of: 'energy', keep: 0.999999 } : { of: 'rank', keep: 0.25 };
  const { model: thin, notes } = await decompose(model, { form, where: 'c', ...keep });
  validateModel(thin);
  expect(notes.map(({ code }) => code)).toEqual(['decomposed']);
  expect(thin.nodes.map(({ name }) => name).slice(0, 2)).toEqual(['c_reduce', 'c']);
  expect(modelMacs(thin)).toBeLessThan(modelMacs(model));
  if (shape?.[1] === 5) {
    expect(notes[0]?.text).toMatch(/rank 2 of .* 100\.0 % of its energy/);
    expect(relativeDifference(await answers(model), await answers(thin))).toBeLessThan(1e-5);
  }
});

it('computes for a dilated kernel what the product of its factors would', async () => {
  const model = conv({ dilation_rate: 2, kernel_size: [3, 3], use_bias: false, activation: 'linear' });
  for (const form of ['channel', 'spatial']) {
    const { model: thin } = await decompose(model, { form, where: 'c', of: 'rank', keep: 0.25 });
    const [first, second] = [thin.weights.get('c_reduce/kernel'), thin.weights.get('c/kernel')];
    if (first === undefined || second === undefined) throw new Error('There are two kernels.');
    const rank = first.shape[3] ?? 1;
    const values = new Float32Array(elementCount([3, 3, 6, 7]));
    for (let at = 0; at < values.length; at++) {
      const [filter, channel, j, i] = [at % 7, Math.floor(at / 7) % 6, Math.floor(at / 42) % 3, Math.floor(at / 126)];
      for (let r = 0; r < rank; r++) {
        const one = form === 'spatial' ? (i * 6 + channel) * rank + r : ((i * 3 + j) * 6 + channel) * rank + r;
        const other = form === 'spatial' ? (j * rank + r) * 7 + filter : r * 7 + filter;
        values[at] = (values[at] ?? 0) + (first.values[one] ?? 0) * (second.values[other] ?? 0);
      }
    }
    const kernel = model.weights.get('c/kernel');
    if (kernel === undefined) throw new Error('The net has a kernel.');
    const product = { ...model, weights: new Map(model.weights).set('c/kernel', { ...kernel, values }) };
    expect(relativeDifference(await answers(product), await answers(thin))).toBeLessThan(1e-5);
  }
});

const wide = () =>
  buildNet(
    'wide',
    [30],
    [
      { className: 'Dense', name: 'hidden', config: { units: 40, activation: 'tanh' } },
      { className: 'Dense', name: 'narrow', config: { units: 1 } },
    ],
  );

it('keeps the share it is told, and leaves what would grow', async () => {
  const model = wide();
  const { model: thin, notes } = await decompose(model, { keep: 0.5 });
  expect(thin.weights.get('hidden_reduce/kernel')?.shape).toEqual([30, 8]);
  expect(thin.weights.get('hidden/kernel')?.shape).toEqual([8, 40]);
  expect(nodeMacs(thin).get('hidden_reduce')).toBe(240);
  expect(notes.map(({ layer, code }) => [layer, code])).toEqual([
    ['hidden', 'decomposed'],
    ['narrow', 'not-smaller-decomposed'],
  ]);
  expect((await decompose(model, { keep: 1, of: 'rank' })).model.nodes).toEqual(model.nodes);
});

it('keeps a share of the work, counted, where strides make it differ from that of the weights', async () => {
  const config = { filters: 12, kernel_size: 3, strides: 2, padding: 'same' };
  const model = buildNet('strided', [16, 16, 10], [{ className: 'Conv2D', name: 'c', config }]);
  const whole = modelMacs(model);
  for (const keep of [0.3, 0.6, 0.9]) {
    // A column of 3 on 8 × 16 places from 10 channels, then a row of 3 on 8 × 8 to 12.
    const perRank = 8 * 16 * 3 * 10 + 8 * 8 * 3 * 12;
    const { model: thin } = await decompose(model, { keep, of: 'macs', form: 'spatial' });
    expect(modelMacs(thin)).toBe(Math.floor((keep * whole) / perRank) * perRank);
  }
});

it('does not undo codes or pruned weights', async () => {
  for (const step of [{ use: 'quantize/affine' }, { use: 'prune/magnitude' }]) {
    const { model } = await applyRecipe(wide(), recipeOf(step), context());
    const { notes } = await decompose(model, { keep: 0.5 });
    expect(notes.filter(({ code }) => code === 'not-decomposed').length).toBeGreaterThan(0);
  }
});

it('splits every call of a shared layer', async () => {
  const model = buildNet(
    'shared',
    [20],
    [
      { className: 'Dense', name: 'a', config: { units: 20 } },
      { className: 'Dense', name: 'b', config: { units: 20 } },
    ],
  );
  const [a, b] = model.nodes;
  if (a === undefined || b === undefined) throw new Error('The net has two layers.');
  const shared = { ...model, nodes: [a, { ...b, weights: a.weights }] };
  const { model: thin } = await decompose(shared, { keep: 0.5 });
  validateModel(thin);
  expect(thin.nodes.map(({ name, weights }) => [name, weights.kernel])).toEqual([
    ['a_reduce', 'a_reduce/kernel'],
    ['a', 'a/kernel'],
    ['b_reduce', 'a_reduce/kernel'],
    ['b', 'a/kernel'],
  ]);
});

it('is pruned and quantized on, sized exactly before it is done', async () => {
  const steps = [
    { use: 'decompose/low-rank', keep: 0.6 },
    { use: 'prune/channels', of: 'channels', ratio: 0.25 },
    { use: 'quantize/affine', bits: 4 },
  ];
  const { model } = await applyRecipe(wide(), recipeOf(...steps), context());
  validateModel(model);
  expect(estimateRecipe(wide(), sketchModel(wide()), recipeOf(...steps)).payload).toBe(measureSize(model).payload);
});
