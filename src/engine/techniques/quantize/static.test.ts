import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../../../bench/nets.ts';
import { applyRecipe, createRecipeCache } from '../../apply.ts';
import type { Context } from '../../context.ts';
import { arrayDataset } from '../../data/array-dataset.ts';
import { createRng } from '../../math/rng.ts';
import { stepsOf, withActivations } from '../../model/activation-grid.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';

const net = buildNet(
  'calibrated',
  [6, 6, 1],
  [
    { className: 'Conv2D', config: { filters: 4, kernel_size: 3, padding: 'same' }, name: 'conv' },
    { className: 'BatchNormalization', name: 'norm' },
    { className: 'ReLU', name: 'relu' },
    { className: 'MaxPooling2D', name: 'pool' },
    { className: 'Flatten', name: 'flat' },
    { className: 'Dense', config: { units: 3, activation: 'softmax' }, name: 'classes' },
  ],
);

const rng = createRng(2);
const values = Float32Array.from({ length: 120 * 36 }, () => rng.next() * 2 - 0.5);
const dataset = arrayDataset({ name: 'noise', kind: 'images', sampleShape: [6, 6, 1], values });
const training = { dataset, preprocessing: 'raw', id: 'noise' } as const;
const contextOf = (): Context => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(1), training });

const apply = (step: Record<string, unknown> = {}, model = net, train: 'run' | 'preview' = 'run', cache = createRecipeCache()) =>
  applyRecipe(model, parseRecipe({ recipe: 1, steps: [{ use: 'quantize/static', ...step }] }), contextOf(), cache, { train });

beforeAll(() => startBackend('simd'));

describe('quantize/static', () => {
  it('gives every value outside of fused operators the range that it has on the data', async () => {
    const { model, ranges, notes, untrained } = await apply({ range: 'min-max' });
    expect([...(model.activations?.keys() ?? [])]).toEqual(['input', 'relu', 'pool', 'flat', 'classes#linear', 'classes']);
    expect([notes, untrained]).toEqual([[], false]);
    // The float model's own extremes, layer by layer.
    const executor = await createPredictor(net);
    const seen = new Map<string, readonly [number, number]>([['input', [Math.min(...values), Math.max(...values)]]]);
    await executor.observe([values], 120, ({ name }, output) => seen.set(name, [Math.min(...output), Math.max(...output)]));
    executor.dispose();
    for (const value of ['input', 'relu']) {
      const [min = 0, max = 0] = seen.get(value) ?? [];
      expect(model.activations?.get(value)?.min).toBeCloseTo(min, 5);
      expect(model.activations?.get(value)?.max).toBeCloseTo(max, 5);
    }
    expect(model.activations?.get('pool')).toBe(model.activations?.get('relu'));
    expect(stepsOf(model.activations?.get('classes') ?? { min: 0, max: 0, bits: 8 })).toMatchObject({
      scale: 1 / 256,
      zeroPoint: -128,
    });
    expect(ranges.map(({ layer, method, clipped }) => [layer, method, clipped])).toEqual([
      ['input', 'min-max', 0],
      ['conv', 'min-max', 0],
      ['classes', 'min-max', 0],
      ['classes', 'fixed', 0],
    ]);
    const counts = ranges[1]?.seen?.counts ?? [];
    expect(counts.reduce((a, b) => a + b)).toBe(120 * 36 * 4);
    expect(JSON.parse(JSON.stringify(ranges))).toEqual(ranges);
  });

  it('keeps to the layers it is told, and a value belongs to all layers fused into it', async () => {
    const keys = async (step: Record<string, unknown>) => [...((await apply(step)).model.activations?.keys() ?? [])];
    expect(await keys({ where: 'norm' })).toEqual(['relu', 'pool', 'flat']);
    expect(await keys({ except: 'pool' })).toEqual(['input', 'classes#linear', 'classes']);
    expect(await keys({ where: '@Dense', layers: { classes: { bits: 16 } } })).toEqual(['classes#linear', 'classes']);
    const { model, notes } = await apply({ layers: { classes: { bits: 16 } }, except: 'conv' });
    expect(model.activations?.get('classes')).toMatchObject({ bits: 16 });
    expect(notes).toContainEqual(expect.objectContaining({ layer: 'conv', code: 'excepted' }));
    expect((await apply({ where: 'conv', except: 'conv' })).notes.map(({ code }) => code)).toContain('nothing-to-do');
  });

  it('leaves grids that are there as they are', async () => {
    const grid = { min: -1, max: 9, bits: 8 } as const;
    const { model, ranges } = await apply({}, withActivations(net, new Map([['relu', grid]])));
    expect(model.activations?.get('flat')).toBe(grid);
    expect(ranges.find(({ layer }) => layer === 'conv')).toMatchObject({ method: 'kept', min: -1, max: 9 });
  });

  it('previews from a glance, once, and finds again what was measured', async () => {
    const cache = createRecipeCache();
    let read = 0;
    const batch: typeof dataset.batch = (...of) => {
      read++;
      return dataset.batch(...of);
    };
    const watched = { ...dataset, batch };
    const preview = (bits: number) => {
      const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine', bits }, { use: 'quantize/static' }] });
      const context = { ...contextOf(), training: { ...training, dataset: watched } };
      return applyRecipe(net, recipe, context, cache, { train: 'preview' });
    };
    const first = await preview(4);
    expect(first.model.activations?.size).toBe(6);
    const glances = read;
    for (const bits of [5, 6, 4]) expect((await preview(bits)).model.activations?.get('relu')?.max).toBeGreaterThan(0);
    expect(read).toBe(glances);
    const exact = await apply({}, net, 'run', cache);
    expect((await apply({}, net, 'preview', cache)).model).toBe(exact.model);
  });

  it('says so where the samples are few, and refuses to guess without any', async () => {
    expect((await apply({ samples: 50 })).notes).toEqual([expect.objectContaining({ code: 'few-samples' })]);
    const { training: _, ...without } = contextOf();
    const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/static' }] });
    await expect(applyRecipe(net, recipe, without)).rejects.toMatchObject({ code: 'CALIBRATION_NO_DATA' });
    const { model, untrained } = await applyRecipe(net, recipe, without, undefined, { train: 'preview' });
    expect([model, untrained]).toEqual([net, true]);
  });
});
