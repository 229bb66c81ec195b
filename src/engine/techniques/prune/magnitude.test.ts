import { describe, expect, it } from 'vitest';
import { buildNet } from '../../../../bench/nets.ts';
import { createRng } from '../../math/rng.ts';
import { decode, type Encoding } from '../../model/encoding.ts';
import { type Model, type Weight, withWeights } from '../../model/model.ts';
import { applyStep, planRecipe } from '../../plan.ts';
import { parseRecipe } from '../../recipe.ts';

const net = buildNet(
  'prune',
  [5, 5, 8],
  [
    { className: 'Conv2D', config: { filters: 6, kernel_size: 3 }, name: 'conv' },
    { className: 'DepthwiseConv2D', config: { kernel_size: 3 }, name: 'depthwise' },
    { className: 'Flatten' },
    { className: 'Dense', config: { units: 10 }, name: 'dense' },
  ],
);

async function prune(params: Record<string, unknown>, model: Model = net) {
  const plan = planRecipe(parseRecipe({ recipe: 1, steps: [{ use: 'prune/magnitude', ...params }] }), model);
  const [step] = plan.steps;
  if (step === undefined) throw new Error('The plan has one step.');
  return applyStep(step, model, { signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
}

const kernels = ['conv/kernel', 'depthwise/depthwise_kernel', 'dense/kernel'];
const weightIn = (model: Model, id: string): Weight => {
  const weight = model.weights.get(id);
  if (weight === undefined) throw new Error(`No tensor ${id}.`);
  return weight;
};
const zerosIn = (model: Model, id: string): number =>
  weightIn(model, id).values.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0);

/** The same by sorting: indices of the `count` smallest magnitudes over all arrays, ties by order. */
function smallest(arrays: readonly Float32Array[], count: number): Set<string> {
  const all = arrays.flatMap((values, a) => Array.from(values, (value, i) => ({ key: `${a}:${i}`, size: Math.abs(value) })));
  return new Set(
    all
      .map((entry, order) => ({ ...entry, order }))
      .sort((a, b) => a.size - b.size || a.order - b.order)
      .slice(0, count)
      .map(({ key }) => key),
  );
}

describe('prune/magnitude', () => {
  it.each([0, 0.1, 0.5, 0.83, 0.99])('prunes exactly the smallest weights of all layers together at %d', async (sparsity) => {
    const { model } = await prune({ sparsity, ranking: 'global' });
    const before = kernels.map((id) => weightIn(net, id).values);
    const total = before.reduce((sum, { length }) => sum + length, 0);
    const expected = smallest(before, Math.round(sparsity * total));
    kernels.forEach((id, a) => {
      const { values, mask } = weightIn(model, id);
      values.forEach((value, i) => {
        expect(value === 0).toBe(expected.has(`${a}:${i}`));
        expect(mask?.[i]).toBe(value === 0 ? 0 : 1);
      });
    });
  });

  it('prunes the same share of each layer when ranked per layer', async () => {
    const { model } = await prune({ sparsity: 0.6, ranking: 'layer' });
    for (const id of kernels) expect(zerosIn(model, id)).toBe(Math.round(0.6 * weightIn(net, id).values.length));
  });

  /** Scores as Lee et al. 2021 define them, literally. */
  const scoresOf = (values: Float32Array) =>
    Array.from(values, (w) => w ** 2 / Array.from(values).reduce((sum, v) => sum + (Math.abs(v) >= Math.abs(w) ? v ** 2 : 0), 0));

  it.each([0.1, 0.5, 0.83])(
    'prunes the least scores of all layers relative to each at %d, whatever their scale',
    async (sparsity) => {
      const before = kernels.map((id) => weightIn(net, id).values);
      const scores = before.flatMap((values) => scoresOf(values));
      const wanted = Math.round(sparsity * scores.length);
      const limit = scores.toSorted((a, b) => a - b)[wanted - 1] ?? 0;
      const { model } = await prune({ sparsity, ranking: 'adaptive' });
      const kept = kernels.flatMap((id) => Array.from(weightIn(model, id).values, (value) => value !== 0));
      // Scores are float32 in the step: one that is within a rounding of the limit may fall on either side.
      for (const [i, score] of scores.entries()) if (Math.abs(score - limit) > 1e-6 * limit) expect(kept[i]).toBe(score > limit);
      expect(kept.filter((stays) => !stays)).toHaveLength(wanted);
      const scaled = kernels.map(
        (id, a) => [id, { ...weightIn(net, id), values: (before[a] as Float32Array).map((w) => w * 4 ** a) }] as const,
      );
      const { model: other } = await prune({ sparsity, ranking: 'adaptive' }, withWeights(net, new Map(scaled)));
      for (const id of kernels) expect(weightIn(other, id).mask).toEqual(weightIn(model, id).mask);
    },
  );

  it('takes ties by order and never gives a pruned weight back', async () => {
    const flat = withWeights(
      net,
      new Map(kernels.map((id) => [id, { ...weightIn(net, id), values: weightIn(net, id).values.map(() => 0.5) }])),
    );
    const { model } = await prune({ sparsity: 0.25, ranking: 'layer' }, flat);
    const { values } = weightIn(model, 'dense/kernel');
    const cut = Math.round(values.length / 4);
    expect(values.findIndex((value) => value !== 0)).toBe(cut);
    const { model: less } = await prune({ sparsity: 0.1, ranking: 'layer' }, model);
    expect(zerosIn(less, 'dense/kernel')).toBe(cut);
    const { model: more } = await prune({ sparsity: 0.5, ranking: 'layer' }, model);
    expect(zerosIn(more, 'dense/kernel')).toBe(Math.round(values.length / 2));
  });

  it.each([
    ['2:4', 4],
    ['4:8', 8],
  ])('keeps half of every block along the input axis: %s', async (pattern, block) => {
    const { model, notes } = await prune({ pattern });
    const { values, shape } = weightIn(model, 'conv/kernel');
    const [, , channels = 0, filters = 0] = shape;
    for (let position = 0; position < 9; position++)
      for (let filter = 0; filter < filters; filter++)
        for (let first = 0; first < channels; first += block) {
          const at = (c: number) => (position * channels + c) * filters + filter;
          const members = Array.from({ length: block }, (_, i) => at(first + i));
          const kept = members.filter((i) => values[i] !== 0);
          const before = weightIn(net, 'conv/kernel').values;
          expect(kept).toHaveLength(block / 2);
          const least = Math.min(...kept.map((i) => Math.abs(before[i] as number)));
          for (const i of members) if (values[i] === 0) expect(Math.abs(before[i] as number)).toBeLessThanOrEqual(least);
        }
    expect(notes).toContainEqual(expect.objectContaining({ layer: 'depthwise', code: 'no-full-block' }));
  });

  it('honours a sparsity of its own for a layer', async () => {
    const { model } = await prune({ sparsity: 0.9, layers: { dense: { sparsity: 0.2 } } });
    expect(zerosIn(model, 'dense/kernel')).toBe(Math.round(0.2 * weightIn(net, 'dense/kernel').values.length));
  });

  describe('of tensors that carry codes', () => {
    const coded = (encoding: Encoding): Model => {
      const values = 'codes' in encoding ? decode(encoding, [10, 10]) : new Float32Array();
      return withWeights(net, new Map([['dense/kernel', { shape: [10, 10], values, encoding }]]));
    };
    const codes = Uint8Array.from({ length: 100 }, (_, i) => (i * 37) % 16);

    it('keeps the grid where zero is on it', async () => {
      const affine = {
        kind: 'affine',
        bits: 4,
        symmetric: false,
        axis: null,
        scale: Float64Array.of(0.1),
        min: Float64Array.of(-5 * 0.1),
        codes,
      } as const;
      const centroids = Float32Array.from({ length: 16 }, (_, i) => i - 5);
      const palette = { kind: 'codebook', palette: 'k-means', bits: 4, axis: null, groups: 1, centroids, codes } as const;
      for (const encoding of [affine, palette]) {
        const { model } = await prune({ where: 'dense', ranking: 'layer' }, coded(encoding));
        const weight = weightIn(model, 'dense/kernel');
        expect(weight.encoding.kind).toBe(encoding.kind);
        expect('codes' in weight.encoding && decode(weight.encoding, weight.shape)).toEqual(weight.values);
        expect(zerosIn(model, 'dense/kernel')).toBeGreaterThanOrEqual(50);
      }
    });

    it('refuses, with the reason, where it is not', async () => {
      const affine = {
        kind: 'affine',
        bits: 4,
        symmetric: false,
        axis: null,
        scale: Float64Array.of(0.1),
        min: Float64Array.of(0.05),
        codes,
      } as const;
      const model = coded(affine);
      const result = await prune({ where: 'dense' }, model);
      expect(result.model.weights.get('dense/kernel')).toBe(model.weights.get('dense/kernel'));
      expect(result.notes).toEqual([expect.objectContaining({ layer: 'dense', code: 'no-zero-level' })]);
    });
  });
});
