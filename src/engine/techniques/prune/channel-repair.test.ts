/** What data makes good of removed channels, where the right answer is known. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../../../bench/nets.ts';
import { applyRecipe, createRecipeCache } from '../../apply.ts';
import type { Context } from '../../context.ts';
import { arrayDataset } from '../../data/array-dataset.ts';
import { createRng } from '../../math/rng.ts';
import { type Model, type Weight, withWeights } from '../../model/model.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { channelGraph } from '../../structure/channel-graph.ts';
import { renormalized } from '../../train/renormalize.ts';
import { taylorImportance, taylorOf } from './channel-taylor.ts';

beforeAll(() => startBackend('simd'));

const rng = createRng(4);
const values = Float32Array.from({ length: 300 * 4 }, () => rng.normal());
const dataset = arrayDataset({ name: 'rows', kind: 'table', sampleShape: [4], values });
const context = (): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(1),
  training: { dataset, preprocessing: 'raw', id: 'rows' },
});
const recipeOf = (params: Record<string, unknown>) =>
  parseRecipe({ recipe: 1, steps: [{ use: 'prune/channels', of: 'channels', where: 'hidden', ...params }] });

async function answers(model: Model): Promise<Float32Array> {
  const predictor = await createPredictor(model);
  const [output = new Float32Array()] = await predictor.predict([values], 300);
  predictor.dispose();
  return output;
}

/** Four hidden units of four inputs; `change` writes the kernel of the hidden layer and its bias. */
function netWith(change: (kernel: Float32Array, bias: Float32Array) => void, behind: 'bias' | 'norm' = 'bias'): Model {
  const model = buildNet(
    'net',
    [4],
    [
      { className: 'Dense', name: 'hidden', config: { units: 4, activation: 'relu' } },
      { className: 'Dense', name: 'reader', config: { units: 3, use_bias: behind === 'bias' } },
      ...(behind === 'norm' ? [{ className: 'BatchNormalization', name: 'norm' }] : []),
      { className: 'Activation', name: 'end', config: { activation: 'tanh' } },
    ],
  );
  const [kernel, bias] = ['hidden/kernel', 'hidden/bias'].map((id) => model.weights.get(id));
  if (kernel === undefined || bias === undefined) throw new Error('The net has both.');
  const weights = Float32Array.of(0.8, -1, 0.1, 0.9, -0.6, 1.1, 0.1, 0.6, 0.5, -0.2, 0.1, -0.7, 0.7, 0.6, 0.1, 0.5);
  const offsets = new Float32Array(4).fill(0.3);
  change(weights, offsets);
  return withWeights(
    model,
    new Map([
      ['hidden/kernel', { ...kernel, values: weights }],
      ['hidden/bias', { ...bias, values: offsets }],
    ]),
  );
}

/** Unit 2 always says 0.5. */
const constant = (behind: 'bias' | 'norm') =>
  netWith((kernel, bias) => {
    for (let row = 0; row < 4; row++) kernel[row * 4 + 2] = 0;
    bias[2] = 0.5;
  }, behind);

/** Unit 2 says half of what unit 0 says. */
const echo = () =>
  netWith((kernel, bias) => {
    for (let row = 0; row < 4; row++) kernel[row * 4 + 2] = (kernel[row * 4] as number) / 2;
    bias[2] = (bias[0] as number) / 2;
  });

describe('repair', () => {
  it.each(['bias', 'norm'] as const)('a channel that never changes is made good exactly by its mean: %s', async (behind) => {
    const model = constant(behind);
    const prune = async (repair: string) => {
      const { model: pruned, notes } = await applyRecipe(model, recipeOf({ ratio: 0.25, importance: 'l1', repair }), context());
      expect(pruned.weights.get('hidden/kernel')?.shape).toEqual([4, 3]);
      return { difference: relativeDifference(await answers(model), await answers(pruned)), notes };
    };
    expect((await prune('none')).difference).toBeGreaterThan(0.01);
    const { difference, notes } = await prune('means');
    // Statistics of a normalization are estimated anew beside, on another draw than the ones that the net was built with.
    if (behind === 'bias') expect(difference).toBeLessThan(1e-5);
    expect(notes.find(({ code }) => code === 'channels-repaired')?.text).toContain('1 layers were corrected from 256');
  });

  it('a channel that echoes another is made good by least squares', async () => {
    const model = echo();
    const differences: number[] = [];
    for (const repair of ['none', 'means', 'least-squares']) {
      const { model: pruned } = await applyRecipe(model, recipeOf({ ratio: 0.25, importance: 'l1', repair }), context());
      differences.push(relativeDifference(await answers(model), await answers(pruned)));
    }
    expect(differences[2]).toBeLessThan(0.1 * (differences[0] ?? 0));
    expect(differences[2]).toBeLessThan(0.2 * (differences[1] ?? 0));
  });

  it('ranks by what channels add to their readers, without changing how many go', async () => {
    const quiet = netWith((kernel, bias) => {
      for (let row = 0; row < 4; row++) kernel[row * 4 + 1] = 9;
      bias[1] = -1e6;
    });
    const params = { ratio: 0.25, importance: 'activation', repair: 'none' };
    const { model: pruned } = await applyRecipe(quiet, recipeOf(params), context());
    expect(pruned.weights.get('hidden/bias')?.values.includes(-1e6)).toBe(false);
    expect(relativeDifference(await answers(quiet), await answers(pruned))).toBeLessThan(1e-5);
    const { training: _, ...without } = context();
    const { model: blind, notes } = await applyRecipe(quiet, recipeOf(params), without);
    expect(blind.weights.get('hidden/bias')?.values.includes(-1e6)).toBe(true);
    expect(notes.map(({ code }) => code)).toContain('importance-without-data');
  });

  it('is kept under the data it saw, and a preview does without', async () => {
    const cache = createRecipeCache();
    const recipe = recipeOf({ ratio: 0.25, importance: 'l1' });
    const { training: _, ...without } = context();
    const plain = await applyRecipe(echo(), recipe, without, cache);
    const model = echo();
    const preview = await applyRecipe(model, recipe, context(), cache, { train: 'preview' });
    expect(preview.untrained).toBe(true);
    expect(preview.model.weights.get('reader/bias')?.values).toEqual(plain.model.weights.get('reader/bias')?.values);
    const run = await applyRecipe(model, recipe, context(), cache);
    expect(run.model.weights.get('reader/bias')?.values).not.toEqual(plain.model.weights.get('reader/bias')?.values);
    const again = await applyRecipe(model, recipe, context(), cache, { train: 'preview' });
    expect([again.untrained, again.model]).toEqual([false, run.model]);
  });
});

it('estimates a normalization anew from what reaches it: mean and variance of batches of 64', async () => {
  const model = buildNet('norm', [4], [{ className: 'BatchNormalization', name: 'norm' }]);
  const { training, ...rest } = context();
  if (training === undefined) throw new Error('There is data.');
  const fresh = await renormalized(model, training, { ...rest, training });
  const column = (index: number) => [...values].filter((_, i) => i % 4 === index);
  for (let index = 0; index < 4; index++) {
    const all = column(index);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
    expect(fresh.weights.get('norm/moving_mean')?.values[index]).toBeCloseTo(mean, 1);
    expect(fresh.weights.get('norm/moving_variance')?.values[index]).toBeCloseTo(variance, 1);
  }
  expect(fresh.weights.get('norm/gamma')).toBe(model.weights.get('norm/gamma'));
});

describe('in rounds', () => {
  it('leaves as many channels as at once, repaired between', async () => {
    const whole = netWith(() => {});
    const steps = { ratio: 0.5, importance: 'activation' };
    const { model: once } = await applyRecipe(whole, recipeOf(steps), context());
    const { model: turns, notes } = await applyRecipe(whole, recipeOf({ ...steps, rounds: 2 }), context());
    expect(turns.nodes).toEqual(once.nodes);
    expect(notes.filter(({ code }) => code === 'channels-repaired')).toHaveLength(1);
    expect(notes.find(({ code }) => code === 'channels-removed')?.text).toContain('2 of its 4');
  });
});

describe('by the loss', () => {
  const labels = Int32Array.from({ length: 8 }, (_, i) => i % 3);
  const few = arrayDataset({ name: 'eight', kind: 'table', sampleShape: [4], values: values.slice(0, 32), labels });
  const model = buildNet(
    'net',
    [4],
    [
      { className: 'Dense', name: 'hidden', config: { units: 4, activation: 'relu' } },
      { className: 'Dense', name: 'reader', config: { units: 3, activation: 'softmax' } },
    ],
  );

  /** Mean cross entropy where what a hidden unit says is multiplied. */
  async function lossWith(unit: number, factor: number): Promise<number> {
    const kernel = model.weights.get('reader/kernel') as Weight;
    const scaled = kernel.values.map((value, i) => (Math.floor(i / 3) === unit ? factor * value : value));
    const predictor = await createPredictor(withWeights(model, new Map([['reader/kernel', { ...kernel, values: scaled }]])));
    const [chances = new Float32Array()] = await predictor.predict([values.slice(0, 32)], 8);
    predictor.dispose();
    return labels.reduce((sum, label, i) => sum - Math.log(chances[3 * i + label] as number) / 8, 0);
  }

  it('a channel counts for what the loss changes by as it fades: central differences', async () => {
    const training = { dataset: few, preprocessing: 'raw', id: 'eight' } as const;
    const found = await taylorImportance(model, channelGraph(model), training, context());
    const group = channelGraph(model).groups.find(({ makers }) => makers[0]?.name === 'hidden');
    const scores = (found && group && taylorOf(group, found)) ?? new Float64Array();
    expect(scores).toHaveLength(4);
    for (const [unit, score] of scores.entries()) {
      const h = 0.02;
      const slope = ((await lossWith(unit, 1 + h)) - (await lossWith(unit, 1 - h))) / (2 * h);
      expect(score).toBeCloseTo(Math.abs(slope), 3);
    }
  });

  it('takes the decisions of the original for labels, and says where there is nothing to judge by', async () => {
    const unlabelled = { dataset, preprocessing: 'raw', id: 'rows' } as const;
    expect(await taylorImportance(model, channelGraph(model), unlabelled, context())).not.toBeNull();
    const open = { ...model, nodes: model.nodes.map((node) => ({ ...node, attrs: { ...node.attrs, activation: 'linear' } })) };
    const byLoss = recipeOf({ ratio: 0.5, importance: 'taylor' });
    const { notes } = await applyRecipe(open, byLoss, context());
    expect(notes.map(({ code }) => code)).toContain('importance-without-data');
    const strange = netWith(() => {});
    await expect(applyRecipe(strange, byLoss, context())).rejects.toMatchObject({ code: 'TRAIN_MODEL' });
  });
});
