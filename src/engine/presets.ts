/**
 * Four recipes to start from, for any model and without data: settings at which trained nets keep most of their answers without training
 * (Krishnamoorthi 2018 for 8 bits per channel). Measured on ResNet8 for CIFAR-10 (881 of 1,000 right):
 * smallest download 836 and 19 % of the gzip bytes (839 and 18 % as a .tflite file, whose normalizations are folded), phone 882 and 26 %, microcontroller 885 and 26 %, keep accuracy 881 and 51 %.
 */
import type { Recipe } from './recipe.ts';

export type PresetId = 'smallest-download' | 'phone' | 'microcontroller' | 'keep-accuracy';

export interface Preset {
  readonly id: PresetId;
  /** English, for the command line and the docs. */
  readonly title: string;
  readonly summary: string;
  readonly recipe: Recipe;
}

const recipe = (...steps: Recipe['steps']): Recipe => ({ recipe: 1, seed: 7, steps });

export const presets: readonly Preset[] = [
  {
    id: 'smallest-download',
    title: 'Smallest download',
    summary:
      'Three tenths of the weights are zero and the others have 6 bits, which gzip packs well. May cost a few points: look at the accuracy.',
    recipe: recipe(
      { use: 'prune/magnitude', sparsity: 0.3, ranking: 'adaptive' },
      { use: 'quantize/affine', bits: 6, per: 'channel', range: 'mse' },
    ),
  },
  {
    id: 'phone',
    title: 'Phone',
    summary: 'Fewer layers and 8 bits with a scale per channel: what the integer kernels of phones run.',
    recipe: recipe({ use: 'fold/batch-norm' }, { use: 'quantize/affine', bits: 8, per: 'channel', range: 'min-max' }),
  },
  {
    id: 'microcontroller',
    title: 'Microcontroller',
    summary: 'Normalizations folded and 8 bits everywhere, biases too: little flash and no floating point in the weights.',
    recipe: recipe(
      { use: 'fold/batch-norm' },
      { use: 'quantize/affine', bits: 8, per: 'channel', range: 'min-max', vectors: true },
    ),
  },
  {
    id: 'keep-accuracy',
    title: 'Keep accuracy',
    summary: 'Sixteen-bit floats: half the size, and the same answers but for the last digits.',
    recipe: recipe({ use: 'quantize/float16' }),
  },
];
