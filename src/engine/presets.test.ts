import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRecipe } from './apply.ts';
import { createRng } from './math/rng.ts';
import { planRecipe } from './plan.ts';
import { presets } from './presets.ts';
import { parseRecipe } from './recipe.ts';
import { startBackend, stopBackend } from './runtime/backends.ts';
import { createPredictor } from './runtime/executor.ts';
import { noise, smallModel } from './testing/small-model.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

const net = smallModel({ x: [8, 8, 2] }, [
  { name: 'conv', op: 'Conv2D', config: { filters: 16, kernel_size: 3 } },
  { name: 'norm', op: 'BatchNormalization' },
  { name: 'relu', op: 'Activation', config: { activation: 'relu' } },
  { name: 'flat', op: 'Flatten' },
  { name: 'logits', op: 'Dense', config: { units: 4 } },
]);

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

describe.each(presets.map(({ id, recipe }) => [id, recipe] as const))('%s', (_, recipe) => {
  it('is a recipe that every model takes and whose result still answers', async () => {
    expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    const plan = planRecipe(recipe, net);
    expect(plan.notes).toEqual([]);
    const { model } = await applyRecipe(net, recipe, context);
    const input = noise(3 * 128);
    const [before, after] = [await createPredictor(net), await createPredictor(model)];
    const [wanted = new Float32Array(0)] = await before.predict([input], 3);
    const [found = new Float32Array(0)] = await after.predict([input], 3);
    before.dispose();
    after.dispose();
    const energy = wanted.reduce((sum, value) => sum + value ** 2, 0);
    const noiseEnergy = wanted.reduce((sum, value, i) => sum + (value - (found[i] ?? 0)) ** 2, 0);
    expect(noiseEnergy / energy).toBeLessThan(0.1);
  });

  it('takes a model without normalizations and without kernels too', () => {
    const bare = smallModel({ x: [4] }, [{ name: 'relu', op: 'Activation', config: { activation: 'relu' } }]);
    expect(planRecipe(recipe, bare).steps.every(({ picks }) => picks.length === 0)).toBe(true);
  });
});
