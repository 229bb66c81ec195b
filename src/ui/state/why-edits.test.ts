import { describe, expect, it } from 'vitest';
import type { Recipe, Step } from '../../engine/recipe.ts';
import { exceptEverywhere, setOverride } from './recipe-edits.ts';
import { moreBits, stepsOn } from './why-edits.ts';

const recipe = (...steps: Step[]): Recipe => ({ recipe: 1, seed: 7, steps });
const conv = { name: 'conv1', op: 'Conv2D' };

describe('what can be done about a layer', () => {
  it('knows which steps work on it', () => {
    const steps: Step[] = [
      { use: 'fold/batch-norm', where: '@Dense' },
      { use: 'prune/magnitude', except: 'conv*' },
      { use: 'quantize/affine', where: ['@Conv2D'] },
    ];
    expect(stepsOn(recipe(...steps), conv)).toEqual([2]);
    expect(stepsOn(exceptEverywhere('conv1')(recipe(...steps)), conv)).toEqual([]);
  });

  it('offers two bits more, up to eight, on a grid of bits', () => {
    const three = recipe({ use: 'prune/magnitude' }, { use: 'quantize/affine', bits: 3 });
    expect(moreBits(three, conv)).toEqual({ index: 1, bits: 5 });
    expect(moreBits(setOverride(1, 'conv1', 'bits', 7)(three), conv)).toEqual({ index: 1, bits: 8 });
    expect(moreBits(recipe({ use: 'quantize/codebook' }), conv)).toEqual({ index: 0, bits: 6 });
    expect(moreBits(recipe({ use: 'quantize/affine' }), conv)).toBeNull();
    expect(moreBits(recipe({ use: 'quantize/float16' }), conv)).toBeNull();
    expect(moreBits(recipe({ use: 'quantize/affine', bits: 3, except: 'conv1' }), conv)).toBeNull();
  });
});
