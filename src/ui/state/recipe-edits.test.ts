import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../engine/recipe.ts';
import * as groups from './group-edits.ts';
import * as edits from './recipe-edits.ts';

const recipe = (...steps: Recipe['steps']): Recipe => ({ recipe: 1, seed: 7, steps });

describe('the two dials', () => {
  it('adds, changes and takes away the grid', () => {
    const four = edits.setBits(4)(recipe());
    expect(four.steps).toEqual([{ use: 'quantize/affine', bits: 4 }]);
    expect(edits.bitsOf(four)).toBe(4);
    expect(edits.setBits(32)(four).steps).toEqual([]);
    expect(edits.bitsOf(recipe())).toBe(32);
  });

  it('keeps a palette a palette up to 8 bits, and its scope beyond', () => {
    const palette = recipe({ use: 'quantize/codebook', bits: 4, palette: 'k-means', except: ['logits'] });
    expect(edits.setBits(3)(palette).steps[0]).toEqual({
      use: 'quantize/codebook',
      bits: 3,
      palette: 'k-means',
      except: ['logits'],
    });
    expect(edits.setBits(16)(palette).steps[0]).toEqual({ use: 'quantize/affine', bits: 16, except: ['logits'] });
  });

  it('puts pruning before the grid', () => {
    const both = edits.setSparsity(0.8)(recipe({ use: 'quantize/affine', bits: 3 }));
    expect(both.steps.map((step) => step.use)).toEqual(['prune/magnitude', 'quantize/affine']);
    expect(edits.sparsityOf(both)).toBe(0.8);
    expect(edits.setSparsity(0)(both).steps).toHaveLength(1);
  });
});

describe('steps and layers', () => {
  const two = recipe({ use: 'prune/magnitude', sparsity: 0.5 }, { use: 'quantize/affine', bits: 8 });

  it('moves and removes steps, and stops at the ends', () => {
    expect(
      edits
        .moveStep(
          0,
          1,
        )(two)
        .steps.map((step) => step.use),
    ).toEqual(['quantize/affine', 'prune/magnitude']);
    expect(edits.moveStep(0, -1)(two)).toBe(two);
    expect(edits.removeStep(0)(two).steps).toHaveLength(1);
  });

  it('keeps no empty override and no empty list behind', () => {
    const own = edits.setOverride(1, 'conv1', 'bits', 6)(two);
    expect(edits.overrideOf(own.steps[1] ?? { use: '' }, 'conv1', 'bits')).toBe(6);
    expect(edits.setOverride(1, 'conv1', 'bits', undefined)(own)).toEqual(two);
    const left = edits.setExcepted(1, 'conv1', true)(two);
    expect(left.steps[1]?.except).toEqual(['conv1']);
    expect(edits.setExcepted(1, 'conv1', false)(left)).toEqual(two);
  });
});

describe('coupled groups', () => {
  const start = recipe({ use: 'prune/channels', ratio: 0.4, except: '@Dense', layers: { a: { cap: 0.5 } } });
  const makers = ['a', 'b'];

  it('take a share of their own and follow the step again', () => {
    const own = groups.setGroupRatios(0, [
      [makers, 0.25],
      [['c'], 0],
    ])(start);
    expect(own.steps[0]?.layers).toEqual({
      a: { cap: 0.5, ratio: 0.25, of: 'channels', ranking: 'layer' },
      b: { ratio: 0.25, of: 'channels', ranking: 'layer' },
      c: { ratio: 0, of: 'channels', ranking: 'layer' },
    });
    const [step] = own.steps;
    expect(step && groups.groupRatioOf(step, makers)).toBe(0.25);
    expect(
      groups.setGroupRatios(0, [
        [makers, undefined],
        [['c'], undefined],
      ])(own),
    ).toEqual(start);
  });

  it('are protected whole and freed again', () => {
    const kept = groups.setGroupProtected(0, makers, true)(start);
    expect(kept.steps[0]?.except).toEqual(['@Dense', 'a', 'b']);
    expect(groups.setGroupProtected(0, makers, false)(kept).steps[0]?.except).toEqual(['@Dense']);
  });
});
