import { expect, it } from 'vitest';
import { buildNet, lenet, residualNet } from '../../../bench/nets.ts';
import { parseRecipe } from '../recipe.ts';
import { channelGraph } from './channel-graph.ts';
import { describeGroups } from './describe-groups.ts';

const recipeOf = (...steps: readonly Record<string, unknown>[]) => parseRecipe({ recipe: 1, steps });

it('tells who makes, passes and reads channels, how large they are, and which can not go', () => {
  const bias = { use_bias: false };
  const model = buildNet(
    'chain',
    [4, 4, 3],
    [
      { className: 'Conv2D', name: 'first', config: { filters: 6, kernel_size: 3, ...bias } },
      { className: 'BatchNormalization', name: 'norm', config: {} },
      { className: 'GlobalAveragePooling2D', name: 'pool', config: {} },
      { className: 'Dense', name: 'answer', config: { units: 2, ...bias } },
    ],
  );
  const { groups, step } = describeGroups(model, recipeOf());
  expect(step).toBeNull();
  const [group, last] = groups;
  expect(group).toMatchObject({ channels: 6, makers: ['first'] });
  expect(group?.protection).toBeUndefined();
  expect(group?.members.map(({ layer, use }) => `${layer} ${use}`)).toEqual([
    'first makes',
    ...['norm passes', 'norm passes', 'norm passes', 'norm passes'],
    'answer reads',
  ]);
  const importance = group?.importance ?? [];
  expect(group?.removed).toEqual([]);
  expect(importance.reduce((sum, one) => sum + one, 0) / 6).toBeCloseTo(1, 9);
  expect(last).toMatchObject({ channels: 2, makers: ['answer'], protection: 'output' });
});

it('tells what a step takes of each group: its share of the work, shares of their own, and what is left out', () => {
  const own = (ratio: number) => ({ ratio, of: 'channels', ranking: 'layer' });
  const prune = { use: 'prune/channels', ratio: 0.3, layers: { conv2d_0: own(0.3), conv2d_2: own(0.6) } };
  const { groups, step } = describeGroups(lenet(), recipeOf({ use: 'fold/batch-norm' }, prune));
  expect(step).toBe(1);
  // A share of its own counts channels, also where it is the number that the step's share of work has.
  expect(groups.slice(0, 2).map(({ removed }) => removed.length)).toEqual([6, 30]);
  const [first] = groups;
  const goes = first?.importance.filter((_, at) => first.removed.includes(at)) ?? [];
  const stays = first?.importance.filter((_, at) => !first.removed.includes(at)) ?? [];
  expect(Math.max(...goes)).toBeLessThanOrEqual(Math.min(...stays));

  const left = describeGroups(lenet(), recipeOf({ ...prune, where: ['conv2d_*', 'dense_*'], except: 'conv2d_2' }));
  expect(left.groups.map(({ held }) => held)).toEqual([undefined, 'conv2d_2', undefined, undefined]);
  expect(left.groups[1]?.removed).toEqual([]);
});

it('gives a coupled group the share that one of its layers is given', () => {
  const model = residualNet();
  const coupled = channelGraph(model).groups.find(({ makers }) => makers.length > 1);
  const name = coupled?.makers.at(-1)?.name ?? '';
  const own = { [name]: { ratio: 0.5, of: 'channels', ranking: 'layer' } };
  const { groups } = describeGroups(model, recipeOf({ use: 'prune/channels', ratio: 0.1, layers: own }));
  const described = groups.find(({ makers }) => makers.includes(name));
  expect(described?.removed.length).toBe((coupled?.units.length ?? 0) / 2);
});
