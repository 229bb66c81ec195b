import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { fileFigures } from '../file-figures.ts';
import { tfjsLayers } from '../formats/tfjs-layers/index.ts';
import { createRng } from '../math/rng.ts';
import type { Model } from '../model/model.ts';
import { planRecipe } from '../plan.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { noise, runSmall, smallModel } from '../testing/small-model.ts';
import type { SearchPoint } from './point.ts';
import { searchRecipes } from './search.ts';
import { measureSensitivity, type SensitivityCache } from './sensitivity.ts';
import { recipeOf, type Setting } from './settings.ts';

const contextOf = (signal = new AbortController().signal): Context => ({ signal, report: () => {}, rng: createRng(1) });

const net = smallModel({ x: [12] }, [
  { name: 'first', op: 'Dense', config: { units: 40, activation: 'relu' } },
  { name: 'second', op: 'Dense', config: { units: 30, activation: 'relu' } },
  { name: 'last', op: 'Dense', config: { units: 3, activation: 'softmax' } },
]);

/** Samples labelled with the net's own answers. */
function answered(model: Model, size: number): Dataset {
  const values = noise(12 * size, 5);
  const [outputs = new Float32Array(0)] = runSmall(model, [values], size);
  const labels = Int32Array.from({ length: size }, (_, row) => {
    const own = [...outputs.subarray(3 * row, 3 * row + 3)];
    return own.indexOf(Math.max(...own));
  });
  return arrayDataset({ name: 'own answers', kind: 'table', sampleShape: [12], values, labels });
}

let data: Dataset;

beforeAll(async () => {
  await startBackend('simd');
  data = answered(net, 160);
});
afterAll(() => stopBackend('simd'));

const job = () => ({ model: net, dataset: data, preprocessing: 'raw', evaluations: 14 }) as const;
const within = (maxDropPoints: number) => ({ kind: 'accuracy', maxDropPoints }) as const;

describe('recipeOf', () => {
  const grid = { use: 'affine', bits: 4, per: 'channel', range: 'mse' } as const;
  const plannedOf = (settings: Readonly<Record<string, Setting>>) => {
    const recipe = parseRecipe(recipeOf(net, new Map(Object.entries(settings)), 7));
    return planRecipe(recipe, net).steps.map(({ technique, picks }) => [
      technique.id,
      picks.map(({ id, params }) => [id, params.sparsity ?? params.bits]),
    ]);
  };

  it('says what each layer becomes, and leaves the others alone', () => {
    const planned = plannedOf({
      first: { sparsity: 0.8, grid },
      second: { sparsity: 0, grid: { ...grid, bits: 3 } },
      last: { sparsity: 0, grid: { use: 'codebook', bits: 2 } },
    });
    expect(planned).toEqual([
      ['prune/magnitude', [['first/kernel', 0.8]]],
      [
        'quantize/affine',
        [
          ['first/kernel', 4],
          ['second/kernel', 3],
        ],
      ],
      ['quantize/codebook', [['last/kernel', 2]]],
    ]);
    expect(plannedOf({ first: { sparsity: 0, grid: null } })).toEqual([]);
  });
});

describe('measureSensitivity', () => {
  it('knows that fewer bits and more zeros hurt more, and remembers', async () => {
    const losses: SensitivityCache = new Map();
    const cache = { losses, key: 'net own-answers raw' };
    const table = await measureSensitivity({ ...job(), cache, context: contextOf() });
    expect(table).toMatchObject({ unit: 'nat', samples: 128, synthetic: false });
    expect(table.layers.map(({ layer }) => layer)).toEqual(['first', 'second', 'last']);
    for (const { losses: own } of table.layers) {
      const at = (wanted: (setting: Setting) => boolean) => own.find(({ setting }) => wanted(setting))?.loss ?? Number.NaN;
      const bits = (n: number) => at(({ grid }) => grid?.use === 'affine' && grid.per === 'channel' && grid.bits === n);
      expect(bits(8)).toBeLessThan(bits(4));
      expect(bits(4)).toBeLessThan(bits(2));
      expect(at(({ sparsity }) => sparsity === 0.5)).toBeLessThan(at(({ sparsity }) => sparsity === 0.95));
    }
    for (const key of losses.keys()) losses.set(key, 42);
    const again = await measureSensitivity({ ...job(), cache, context: contextOf() });
    expect(again.layers.flatMap(({ losses: own }) => own).every(({ loss }) => loss === 42)).toBe(true);
  });
});

describe('searchRecipes', () => {
  it('finds a small model within the loss, and every figure is that of its recipe', async () => {
    const { numTensors } = tf.memory();
    const seen: SearchPoint[] = [];
    const result = await searchRecipes({ ...job(), goal: within(4), context: contextOf(), onPoint: (point) => seen.push(point) });
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(result).toMatchObject({ before: { kind: 'accuracy', score: { value: 1 } }, samples: 160, synthetic: false });
    expect(result.points.length).toBeLessThanOrEqual(14);
    expect(result.points).toEqual(seen);
    const best = result.points.find(({ id }) => id === result.best);
    expect(best?.dropPoints).toBeLessThanOrEqual(4);
    expect(best?.share).toBeLessThan(0.45);
    const smaller = result.points.filter(({ gzip }) => gzip < (best?.gzip ?? 0));
    expect(smaller.every(({ dropPoints }) => dropPoints > 4)).toBe(true);
    expect(result.picks.compact).toBe(result.best);
    for (const point of result.points.slice(0, 3)) {
      const { model } = await applyRecipe(net, parseRecipe(point.recipe), contextOf());
      const sizes = await fileFigures(model, tfjsLayers, 'encoded', contextOf());
      expect(sizes['size/gzip']?.value).toBe(point.gzip);
    }
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('finds the best within a size, and the same again', async () => {
    const goal = { kind: 'size', maxBytes: 3000 } as const;
    const result = await searchRecipes({ ...job(), goal, context: contextOf() });
    const best = result.points.find(({ id }) => id === result.best);
    expect(best?.gzip).toBeLessThanOrEqual(3000);
    expect(result.points.every(({ meets, dropPoints }) => !meets || dropPoints >= (best?.dropPoints ?? 0))).toBe(true);
    expect(await searchRecipes({ ...job(), goal, context: contextOf() })).toEqual(result);
  });

  it('says what stopped it where the goal is out of reach', async () => {
    const result = await searchRecipes({ ...job(), goal: { kind: 'size', maxBytes: 100 }, context: contextOf() });
    expect(result).toMatchObject({ best: null, stoppedBy: { code: 'unreachable' } });
    expect(result.stoppedBy.text).toMatch(/^No candidate is as small as 0\.1 kB; the smallest has \d/);
  });

  it('keeps what it found when cancelled, and works without data', async () => {
    const controller = new AbortController();
    const result = await searchRecipes({
      ...job(),
      dataset: null,
      goal: within(5),
      context: contextOf(controller.signal),
      onPoint: ({ id }) => {
        if (id === 3) controller.abort();
      },
    });
    expect(result.points).toHaveLength(3);
    expect(result).toMatchObject({ synthetic: true, before: { kind: 'agreement' }, stoppedBy: { code: 'cancelled' } });
  });

  it('confirms the best on samples it did not see', async () => {
    const large = answered(net, 1300);
    const result = await searchRecipes({ ...job(), evaluations: 6, dataset: large, goal: within(3), context: contextOf() });
    const best = result.points.find(({ id }) => id === result.best);
    expect(best?.confirmed).toMatchObject({ samples: 1300 });
    expect(best?.confirmed?.dropPoints).toBeLessThanOrEqual(3);
  });

  it('refuses a model that is compressed already', async () => {
    const { model } = await applyRecipe(
      net,
      parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine', bits: 4 }] }),
      contextOf(),
    );
    const searching = searchRecipes({ ...job(), model, goal: within(1), context: contextOf() });
    await expect(searching).rejects.toMatchObject({ code: 'SEARCH_NO_LAYERS' });
  });
});
