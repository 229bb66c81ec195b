import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet, depthwiseNet, lenet, residualNet } from '../../../../bench/nets.ts';
import { applyRecipe } from '../../apply.ts';
import { estimateRecipe } from '../../estimate.ts';
import { createRng } from '../../math/rng.ts';
import { measureSize } from '../../metrics/size.ts';
import { decode } from '../../model/encoding.ts';
import { elementCount, type Model, parameterCount, withWeights } from '../../model/model.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { modelMacs, nodeMacs, validateModel } from '../../model/topology.ts';
import { planRecipe } from '../../plan.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { sketchModel } from '../../sketch.ts';
import { channelGraph } from '../../structure/channel-graph.ts';
import { importanceOf } from './channel-importance.ts';
import type { ChannelsParams } from './channels-params.ts';

beforeAll(() => startBackend('simd'));

const context = () => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
const recipeOf = (...steps: readonly Record<string, unknown>[]) => parseRecipe({ recipe: 1, steps });
const prune = (model: Model, params: Record<string, unknown> = {}) =>
  applyRecipe(model, recipeOf({ use: 'prune/channels', ...params }), context());
const widths = ({ nodes }: Model) => nodes.flatMap(({ attrs }) => attrs.filters ?? attrs.units ?? []);

const chain = (units: readonly number[], values: Record<string, readonly number[]>): Model => {
  const layers = units.map((count, i) => ({
    className: 'Dense',
    name: `d${i + 1}`,
    config: { units: count, use_bias: false },
  }));
  const model = buildNet('chain', [2], layers);
  const changes = Object.entries(values).map(([id, list]) => {
    const weight = model.weights.get(id);
    if (weight?.values.length !== list.length) throw new Error(`"${id}" does not hold ${list.length} values.`);
    return [id, { ...weight, values: Float32Array.from(list) }] as const;
  });
  return withWeights(model, new Map(changes));
};

describe('importance, by hand', () => {
  // Columns of d1 are (3, 4), (0, 1), (5, 12); rows of d2 are (1), (2), (0).
  const model = chain([3, 1], { 'd1/kernel': [3, 0, 5, 4, 1, 12], 'd2/kernel': [1, 2, 0] });
  const [group] = channelGraph(model).groups;
  const scores = (params: Partial<ChannelsParams>) => {
    if (group === undefined) throw new Error('There is a group.');
    const all = {
      ratio: 0,
      of: 'channels',
      importance: 'l2',
      ranking: 'layer',
      repair: 'none',
      rounds: 1,
      cap: 0.9,
      roundTo: 1,
      seed: 1,
      ...params,
    } as const;
    return [...importanceOf(model, group, all)];
  };
  const close = (found: readonly number[], expected: readonly number[]) => {
    expect(found.length).toBe(expected.length);
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6);
  };

  it('l2: (5, 1, 13) / 6⅓ and (1, 2, 0) / 1, averaged', () => {
    close(scores({ importance: 'l2' }), [(15 / 19 + 1) / 2, (3 / 19 + 2) / 2, 39 / 19 / 2]);
  });

  it('l1: (7, 1, 17) / 8⅓ and (1, 2, 0) / 1', () => {
    close(scores({ importance: 'l1' }), [(21 / 25 + 1) / 2, (3 / 25 + 2) / 2, 51 / 25 / 2]);
  });

  it('median: sums of √18, √68 and √146, over their mean', () => {
    const [ab, ac, bc] = [Math.sqrt(9 + 9), Math.sqrt(4 + 64), Math.sqrt(25 + 121)] as const;
    const mean = (2 * (ab + ac + bc)) / 3;
    close(scores({ importance: 'median' }), [(ab + ac) / mean, (ab + bc) / mean, (ac + bc) / mean]);
  });

  it('a random order is the same for the same seed alone', () => {
    expect(scores({ importance: 'random' })).toEqual(scores({ importance: 'random' }));
    expect(scores({ importance: 'random' })).not.toEqual(scores({ importance: 'random', seed: 2 }));
  });

  it('bn-scale: |γ| of the normalization behind', async () => {
    const net = buildNet(
      'bn',
      [4],
      [
        { className: 'Dense', config: { units: 3 }, name: 'd' },
        { className: 'BatchNormalization', name: 'n' },
        { className: 'Dense', config: { units: 2 }, name: 'end' },
      ],
    );
    const gamma = { shape: [3], values: Float32Array.of(-3, 0.1, 2), encoding: { kind: 'float32' } as const };
    const { model: pruned } = await prune(withWeights(net, new Map([['n/gamma', gamma]])), {
      of: 'channels',
      importance: 'bn-scale',
    });
    expect([...(pruned.weights.get('n/gamma')?.values ?? [])]).toEqual([-3, 2]);
  });
});

describe('prune/channels', () => {
  it('takes the weakest with everything that counts them', async () => {
    const model = chain([3, 2, 1], {
      'd1/kernel': [3, 0.1, 5, 4, 0.1, 12],
      'd2/kernel': [1, 2, 3, 4, 5, 6],
      'd3/kernel': [1, 1],
    });
    const { model: pruned, notes } = await prune(model, { ratio: 0.34, of: 'channels', ranking: 'layer' });
    expect([...pruned.weights].map(([id, { shape, values }]) => [id, shape, [...values]])).toEqual([
      ['d1/kernel', [2, 2], [3, 5, 4, 12]],
      ['d2/kernel', [2, 1], [2, 6]],
      ['d3/kernel', [1, 1], [1]],
    ]);
    expect(notes.filter(({ code }) => code === 'channels-removed').map(({ layer, text }) => [layer, text])).toEqual([
      ['d1', '1 of its 3 channels were removed.'],
      ['d2', '1 of its 2 channels were removed.'],
    ]);
  });

  it.each([
    ['LeNet-5', lenet(), 0.75],
    ['depthwise-separable blocks', depthwiseNet(), 0.5],
    ['a residual block', residualNet(), 1 / 3],
  ])('reaches a share of the work and no more than it must: %s', async (_, model, ratio) => {
    const { model: pruned } = await prune(model, { ratio });
    validateModel(pruned);
    const reached = 1 - modelMacs(pruned) / modelMacs(model);
    expect(reached).toBeGreaterThanOrEqual(ratio);
    expect(reached).toBeLessThan(ratio + 0.1);
    const { model: fewer } = await prune(model, { ratio, of: 'parameters' });
    expect(parameterCount(fewer)).toBeLessThanOrEqual((1 - ratio) * parameterCount(model));
  });

  it('reaches a share of the bytes that weights take as they are stored, scales and all', async () => {
    const { model } = await applyRecipe(depthwiseNet(), recipeOf({ use: 'quantize/affine', bits: 3 }), context());
    const { model: fewer } = await prune(model, { ratio: 0.4, of: 'bytes' });
    const left = measureSize(fewer).payload / measureSize(model).payload;
    expect(left).toBeLessThanOrEqual(0.6);
    expect(left).toBeGreaterThan(0.55);
  });

  it.each([
    [{ of: 'channels', ranking: 'layer', ratio: 0.5 }, [10, 25, 250, 10]],
    [{ of: 'channels', ranking: 'layer', ratio: 0.5, roundTo: 8 }, [16, 32, 256, 10]],
    [{ of: 'channels', ranking: 'layer', ratio: 0.95, cap: 0.5 }, [10, 25, 250, 10]],
    [{ of: 'channels', ranking: 'layer', ratio: 0.95, cap: 0.95, where: 'conv2d_0' }, [1, 50, 500, 10]],
    [
      { of: 'channels', ranking: 'layer', ratio: 0.5, except: 'dense_5', layers: { conv2d_2: { ratio: 0.1 } } },
      [10, 45, 500, 10],
    ],
  ])('counts channels: %j', async (params, expected) => {
    expect(widths((await prune(lenet(), params)).model)).toEqual(expected);
  });

  it('keeps a group of which one layer is left out, and says so', async () => {
    const model = residualNet();
    const [one, other] = channelGraph(model).groups.find(({ makers }) => makers.length > 1)?.makers ?? [];
    const { model: pruned, notes } = await prune(model, { ratio: 0.5, of: 'channels', except: other?.name });
    const attrsOf = (nodes: Model['nodes'], name?: string) => nodes.find((node) => node.name === name)?.attrs;
    expect(attrsOf(pruned.nodes, one?.name)).toEqual(attrsOf(model.nodes, one?.name));
    expect(notes.find(({ code }) => code === 'channels-held')?.text).toContain(`"${other?.name}"`);
  });

  it('says how far it came where channels have to stay', async () => {
    const { notes } = await prune(lenet(), { ratio: 0.9, where: 'conv2d_0' });
    expect(notes.find(({ code }) => code === 'share-missed')?.text).toMatch(/no more than \d+\.\d % .* 90\.0 % were asked/);
  });

  it('counts work only where the input size is known', () => {
    const model = depthwiseNet();
    const open = { ...model, inputs: model.inputs.map((input) => ({ ...input, shape: [null, null, 3] })) };
    expect(() => planRecipe(recipeOf({ use: 'prune/channels' }), open)).toThrow(
      expect.objectContaining({ code: 'RECIPE_MACS_UNKNOWN' }),
    );
    expect(() => planRecipe(recipeOf({ use: 'prune/channels', of: 'parameters' }), open)).not.toThrow();
  });

  it('stands with every later step, sized exactly before it is done', async () => {
    const steps = [
      { use: 'fold/batch-norm' },
      { use: 'prune/channels', ratio: 0.4, roundTo: 4 },
      { use: 'prune/magnitude', sparsity: 0.5, ranking: 'layer' },
      { use: 'quantize/affine', bits: 4 },
    ];
    const model = depthwiseNet();
    const { model: small } = await applyRecipe(model, recipeOf(...steps), context());
    validateModel(small);
    expect(estimateRecipe(model, sketchModel(model), recipeOf(...steps)).payload).toBe(measureSize(small).payload);
    const { structure } = planRecipe(recipeOf(...steps), model);
    expect(nodeMacs(structure)).toEqual(nodeMacs(small));
  });

  it.each([
    { use: 'quantize/affine', bits: 5 },
    { use: 'quantize/codebook', bits: 3 },
    { use: 'quantize/float16' },
    { use: 'prune/magnitude', sparsity: 0.6, ranking: 'layer' },
  ])('takes codes, scales and masks along: $use', async (step) => {
    const { model } = await applyRecipe(depthwiseNet(), recipeOf(step), context());
    const { model: pruned } = await prune(model, { ratio: 0.5 });
    for (const [id, { encoding, values, shape, mask }] of pruned.weights) {
      expect(encoding.kind).toBe(model.weights.get(id)?.encoding.kind);
      if ('codes' in encoding) expect(decode(encoding, shape)).toEqual(values);
      if (mask !== undefined) expect(values.every((value, i) => mask[i] === 1 || value === 0)).toBe(true);
      expect(values.length).toBe(elementCount(shape));
    }
  });

  it('loses nothing where the channels were never heard', async () => {
    const model = buildNet(
      'silent',
      [6, 6, 2],
      [
        { className: 'Conv2D', name: 'c', config: { filters: 4, kernel_size: 3, activation: 'relu' } },
        { className: 'Flatten' },
        { className: 'Dense', config: { units: 3 } },
      ],
    );
    const silent = new Map(
      ['c/kernel', 'c/bias'].map((id) => {
        const weight = model.weights.get(id);
        if (weight === undefined) throw new Error('The net has this tensor.');
        return [id, { ...weight, values: weight.values.map((value, i) => (i % 4 === 2 ? 0 : value)) }] as const;
      }),
    );
    const quiet = withWeights(model, silent);
    const { model: pruned } = await prune(quiet, { ratio: 0.25, of: 'channels', importance: 'median' });
    const answers = async (one: Model) => {
      const predictor = await createPredictor(one);
      const [values = new Float32Array()] = await predictor.predict(
        [Float32Array.from({ length: 72 }, (_, i) => Math.sin(i))],
        1,
      );
      predictor.dispose();
      return values;
    };
    const { model: byNorm } = await prune(quiet, { ratio: 0.25, of: 'channels', importance: 'l1' });
    expect(widths(pruned)).toEqual([3, 3]);
    expect(relativeDifference(await answers(quiet), await answers(byNorm))).toBeLessThan(1e-5);
  });
});
