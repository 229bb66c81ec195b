import { expect, it } from 'vitest';
import type { Recipe, Step } from '../../engine/recipe.ts';
import { recipeDifferences } from './recipe-differences.ts';

const recipe = (steps: Step[], seed = 7): Recipe => ({ recipe: 1, seed, steps });
const affine = (rest: object = {}): Step => ({ use: 'quantize/affine', ...rest });
const prune: Step = { use: 'prune/magnitude', sparsity: 0.8 };

it('finds nothing between equal recipes, a default written out or not', () => {
  expect(recipeDifferences(recipe([prune, affine()]), recipe([prune, affine({ bits: 8 })]))).toEqual([]);
});

it('tells parameters, with the default of the side that has none', () => {
  expect(recipeDifferences(recipe([affine()]), recipe([affine({ bits: 3, except: ['conv*'] })]))).toMatchObject([
    { kind: 'param', name: 'bits', from: 8, to: 3 },
    { kind: 'param', name: 'except', from: undefined, to: ['conv*'] },
  ]);
});

it('tells steps that one of them has, a second one of the same technique too', () => {
  const [a, b] = [recipe([prune]), recipe([affine({ bits: 4 }), affine({ bits: 8, where: '@Dense' })])];
  expect(recipeDifferences(a, b)).toEqual([
    { kind: 'only', side: 'from', step: prune },
    { kind: 'only', side: 'to', step: affine({ bits: 4 }) },
    { kind: 'only', side: 'to', step: affine({ bits: 8, where: '@Dense' }) },
  ]);
  expect(recipeDifferences(b, recipe([affine({ bits: 4 })]))).toMatchObject([{ kind: 'only', side: 'from', step: { bits: 8 } }]);
});

it('tells another order and another seed', () => {
  const found = recipeDifferences(recipe([prune, affine()]), recipe([affine(), prune], 8));
  expect(found).toEqual([{ kind: 'order' }, { kind: 'seed', from: 7, to: 8 }]);
});
