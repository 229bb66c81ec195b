import { describe, expect, it } from 'vitest';
import { buildNet, depthwiseNet, lenet } from '../../bench/nets.ts';
import { fixtures, fixturesPresent } from '../../scripts/fixtures.ts';
import { gzipSize } from './coding/gzip.ts';
import type { Context } from './context.ts';
import { estimateRecipe } from './estimate.ts';
import { openModel } from './formats/index.ts';
import { writeTfjsLayers } from './formats/tfjs-layers/write.ts';
import { createRng } from './math/rng.ts';
import { measureSize } from './metrics/size.ts';
import { type Model, type Weight, withWeights } from './model/model.ts';
import { applyStep, planRecipe } from './plan.ts';
import { parseRecipe } from './recipe.ts';
import { sketchModel } from './sketch.ts';

const context = (): Context => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(7) });

async function applied(model: Model, steps: readonly Record<string, unknown>[]): Promise<Model> {
  let current = model;
  for (const step of planRecipe(parseRecipe({ recipe: 1, steps }), model).steps) {
    current = (await applyStep(step, current, context())).model;
  }
  return current;
}

/** Weights with the heavy tails and unequal channels that training leaves. */
function trainedLike(model: Model): Model {
  const rng = createRng(11);
  const changes = [...model.weights].map(([id, weight]) => {
    const channels = weight.shape.at(-1) ?? 1;
    const gains = Array.from({ length: channels }, () => Math.exp(0.7 * rng.normal()));
    return [
      id,
      { ...weight, values: weight.values.map((value, i) => value * Math.abs(rng.normal()) * (gains[i % channels] ?? 1)) },
    ] as const;
  });
  return withWeights(model, new Map(changes.filter(([id]) => id.endsWith('kernel'))));
}

async function compare(model: Model, steps: readonly Record<string, unknown>[]) {
  const result = await applied(model, steps);
  const files = await writeTfjsLayers(result, { precision: 'encoded' }, context());
  let [file, gzip] = [0, 0];
  for (const { bytes } of files) {
    file += bytes.length;
    gzip += await gzipSize(bytes);
  }
  const estimated = estimateRecipe(model, sketchModel(model), parseRecipe({ recipe: 1, steps }));
  return { estimated, payload: measureSize(result).payload, file: estimated.file / file - 1, gzip: estimated.gzip / gzip - 1 };
}

const recipes: readonly (readonly Record<string, unknown>[])[] = [
  [],
  ...[8, 4, 2, 1].map((bits) => [{ use: 'quantize/affine', bits }]),
  [{ use: 'quantize/affine', symmetric: false, per: 'tensor' }],
  [{ use: 'quantize/affine', bits: 4, range: 'octav' }],
  [{ use: 'quantize/affine', bits: 3, range: 'mse' }],
  [{ use: 'quantize/affine', bits: 16, per: 'tensor' }],
  [{ use: 'quantize/float16' }],
  ...[1, 2, 4, 8].map((bits) => [{ use: 'quantize/codebook', bits }]),
  [{ use: 'quantize/codebook', palette: 'nf4' }],
  [{ use: 'quantize/codebook', palette: 'power-of-two' }],
  [{ use: 'prune/magnitude', sparsity: 0.8 }],
  ...[0.5, 0.8, 0.95].map((sparsity) => [
    { use: 'prune/magnitude', sparsity },
    { use: 'quantize/affine', bits: 4 },
  ]),
  [
    { use: 'prune/magnitude', sparsity: 0.9, ranking: 'layer' },
    { use: 'quantize/codebook', bits: 3 },
  ],
  [
    { use: 'prune/magnitude', sparsity: 0.6, ranking: 'adaptive' },
    { use: 'quantize/affine', bits: 4 },
  ],
];

describe.each([
  ['LeNet-5, normal weights', lenet()],
  ['LeNet-5, trained-like weights', trainedLike(lenet())],
])('%s', (_, model) => {
  it.each(recipes.map((steps) => [JSON.stringify(steps), steps] as const))(
    'tells the payload exactly, file and gzip nearly: %s',
    async (__, steps) => {
      const { estimated, payload, file, gzip } = await compare(model, steps);
      expect(estimated.payload).toBe(payload);
      expect(Math.abs(file)).toBeLessThan(0.03);
      expect(Math.abs(gzip)).toBeLessThan(0.08);
    },
  );
});

describe('a small net with batch normalization', () => {
  it.each([
    [[]],
    [[{ use: 'fold/batch-norm' }]],
    [[{ use: 'fold/batch-norm' }, { use: 'quantize/affine', bits: 4 }]],
    [[{ use: 'quantize/affine' }]],
  ])('is estimated too, topology included: %j', async (steps) => {
    const { estimated, payload, file, gzip } = await compare(trainedLike(depthwiseNet()), steps);
    expect(estimated.payload).toBe(payload);
    expect(Math.abs(gzip)).toBeLessThan(0.15);
    expect(Math.abs(file)).toBeLessThan(0.15);
  });
});

describe.skipIf(!fixturesPresent)('nets of the corpus', () => {
  const nets = {
    resnet8: ['mlperf-tiny/image-classification/pretrainedResnet.h5'],
    'MobileNet 0.25 with dead channels': ['mlperf-tiny/visual-wake-words/vww_96.h5'],
  };

  it.each(Object.entries(nets))('grids within 10 percent, palettes within 20, of the true gzip: %s', async (_, paths) => {
    const model = await openModel(fixtures(...paths), {}, context());
    const fold = { use: 'fold/batch-norm' };
    for (const [steps, bound] of [
      [[fold], 0.02],
      [[{ use: 'quantize/affine' }], 0.05],
      [[{ use: 'quantize/affine', symmetric: false }], 0.1],
      [[fold, { use: 'prune/magnitude', sparsity: 0.7 }, { use: 'quantize/affine', bits: 4 }], 0.1],
      [
        [
          { use: 'prune/magnitude', ranking: 'layer' },
          { use: 'quantize/codebook', bits: 4 },
        ],
        0.2,
      ],
    ] as const) {
      const { estimated, payload, gzip } = await compare(model, steps);
      expect(estimated.payload).toBe(payload);
      expect(Math.abs(gzip), JSON.stringify(steps)).toBeLessThan(bound);
    }
  });
});

describe('estimateRecipe', () => {
  it.each([
    ['global', 0.5, ['emptied-by-ranking']],
    ['adaptive', 0.5, []],
    ['layer', 0.5, []],
    ['global', 0.9, []],
  ] as const)('cautions against a ranking that empties a layer of smaller scale: %s at %d', (ranking, sparsity, codes) => {
    const dense = (units: number) => ({ className: 'Dense', config: { units } });
    const plain = buildNet('scales', [32], [dense(32), dense(32), dense(8)]);
    const [first = ''] = plain.weights.keys();
    const weight = plain.weights.get(first) as Weight;
    const model = withWeights(plain, new Map([[first, { ...weight, values: weight.values.map((w) => w / 100) }]]));
    const { notes } = estimateRecipe(
      model,
      sketchModel(model),
      parseRecipe({ recipe: 1, steps: [{ use: 'prune/magnitude', ranking, sparsity }] }),
    );
    expect(notes.map(({ code }) => code)).toEqual(codes);
  });

  it('touches no weights', () => {
    const model = buildNet('untouched', [8], [{ className: 'Dense', config: { units: 8 } }]);
    const sketches = sketchModel(model);
    for (const { values } of model.weights.values()) values.fill(Number.NaN);
    const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'prune/magnitude' }, { use: 'quantize/affine', bits: 4 }] });
    expect(estimateRecipe(model, sketches, recipe)).toMatchObject({ payload: 32 + 32 + 32, parameters: 72, nonZero: 40 });
  });

  it('starts from the size of the topology where it is known', () => {
    const model = lenet();
    const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine' }] });
    const sketches = sketchModel(model);
    const some = estimateRecipe(model, sketches, recipe, { file: 1000, gzip: 300 });
    const more = estimateRecipe(model, sketches, recipe, { file: 1900, gzip: 600 });
    expect([more.file - some.file, more.gzip - some.gzip]).toEqual([900, 300]);
  });
});
