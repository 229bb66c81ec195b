import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet, lenet } from '../../../bench/nets.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import { withWeights } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import { planRecipe } from '../plan.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend } from '../runtime/backends.ts';
import { allocateChannels, type MeasuredGroup } from './allocate-channels.ts';
import { findChannelSpeed } from './channel-speed.ts';
import { type ChannelCells, prepareChannelTable } from './channel-table.ts';
import { channelShares } from './shares.ts';

beforeAll(() => startBackend('simd'));

const recipeOf = (...steps: readonly Record<string, unknown>[]) => parseRecipe({ recipe: 1, steps });
const prune = { use: 'prune/channels', ratio: 0.4, importance: 'l1' };
const contextOf = (signal = new AbortController().signal) => ({ signal, report: () => {}, rng: createRng(1) });

describe('the table', () => {
  // Ten hidden units, of which three are silent: so many go for nothing, whatever the others say.
  const net = buildNet(
    'quiet',
    [6],
    [
      { className: 'Dense', name: 'hidden', config: { units: 10, activation: 'relu' } },
      { className: 'Dense', name: 'end', config: { units: 3, activation: 'softmax' } },
    ],
  );
  const quiet = withWeights(
    net,
    new Map(
      ['hidden/kernel', 'hidden/bias', 'end/kernel'].map((id) => {
        const weight = net.weights.get(id);
        if (weight === undefined) throw new Error('The net has this tensor.');
        return [
          id,
          { ...weight, values: weight.values.map((value, i) => ((id === 'end/kernel' ? i < 9 : i % 10 < 3) ? 0 : value)) },
        ] as const;
      }),
    ),
  );
  const rng = createRng(3);
  const values = Float32Array.from({ length: 60 * 6 }, () => rng.normal());
  const dataset = arrayDataset({ name: 'rows', kind: 'table', sampleShape: [6], values });

  it('costs nothing for silent channels and more for those that are heard; known figures are not measured again', async () => {
    const cells: ChannelCells = new Map();
    const job = { model: quiet, recipe: recipeOf(prune), dataset, preprocessing: 'raw', context: contextOf() } as const;
    const table = await prepareChannelTable({ ...job, cache: { cells, key: 'quiet on rows' } });
    expect(table?.groups).toEqual([{ makers: ['hidden'], channels: 10 }]);
    expect(table).toMatchObject({ samples: 60, synthetic: false, score: 'agreement' });
    const measured = [];
    for (const share of channelShares) measured.push(await table?.measure(0, share, contextOf()));
    expect(measured.map((cell) => cell?.removed)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 9]);
    expect(measured.slice(0, 3).every((cell) => (cell?.loss ?? 1) < 1e-6 && cell?.dropPoints === 0)).toBe(true);
    expect(measured[8]?.loss).toBeGreaterThan(0.001);
    expect(cells.size).toBe(10);
    const again = await table?.measure(0, 0.5, contextOf());
    expect(again).toBe(measured[4]);
  });

  it('stops before the next figure once it is cancelled', async () => {
    const table = await prepareChannelTable({
      model: quiet,
      recipe: recipeOf(prune),
      dataset: null,
      preprocessing: 'raw',
      context: contextOf(),
    });
    const stop = new AbortController();
    stop.abort();
    await expect(table?.measure(0, 0.5, contextOf(stop.signal))).rejects.toThrow();
    expect(table?.synthetic).toBe(true);
  });
});

describe('sharing out', () => {
  const model = lenet();
  const groups = (losses: readonly (readonly number[])[]): MeasuredGroup[] =>
    [['conv2d_0', 20] as const, ['conv2d_2', 50] as const, ['dense_5', 500] as const].map(([name, channels], at) => ({
      makers: [name],
      cells: channelShares.map((share, i) => ({
        share,
        removed: Math.min(Math.floor(0.9 * channels), Math.round(share * channels)),
        loss: losses[at]?.[i] ?? 0,
        dropPoints: 0,
      })),
    }));
  const rising = (factor: number) => channelShares.map((share) => factor * share * share);
  const sharesOf = (losses: readonly (readonly number[])[], target: number) => {
    const found = allocateChannels(model, recipeOf(prune), groups(losses), target);
    const layers = Object.fromEntries(
      (found?.shares ?? []).map(({ makers: [name = ''], share }) => [name, { ratio: share, of: 'channels', ranking: 'layer' }]),
    );
    const { structure } = planRecipe(recipeOf({ ...prune, of: 'channels', layers }), model);
    return { found, counted: 1 - modelMacs(structure) / modelMacs(model) };
  };

  it('saves what is asked for, counted exactly, and takes more where it costs less', () => {
    const { found, counted } = sharesOf([rising(1), rising(0.1), rising(1)], 0.5);
    expect(found?.reached).toBe(true);
    expect(found?.saved).toBeCloseTo(counted, 12);
    expect(counted).toBeGreaterThanOrEqual(0.5);
    const [first, second] = found?.shares ?? [];
    expect(second?.share).toBeGreaterThan(first?.share ?? 1);
  });

  it('gives no less for a dip in the losses, and says how far it comes', () => {
    const dipping = rising(1).map((loss, i) => (i === 5 ? 0 : loss));
    expect(sharesOf([rising(1), dipping, rising(1)], 0.3).found).toEqual(
      sharesOf([rising(1), rising(1).with(5, 0.25), rising(1)], 0.3).found,
    );
    expect(sharesOf([rising(1), rising(1), rising(1)], 0.999).found).toMatchObject({ reached: false });
  });
});

it('finds a ratio that was measured to be so much faster, or says that none was', async () => {
  const job = {
    model: lenet(),
    recipe: recipeOf(prune),
    step: 0,
    dataset: null,
    preprocessing: 'raw',
    context: contextOf(),
  } as const;
  const { best, points } = await findChannelSpeed({ ...job, wanted: 1.2, budgetMs: 20 });
  expect(points[0]?.ratio).toBe(0.95);
  expect(best === null || best.faster >= 1.2).toBe(true);
  expect((await findChannelSpeed({ ...job, wanted: 1e6, budgetMs: 20 })).best).toBeNull();
});
