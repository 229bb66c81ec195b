/**
 * Estimating a recipe's size while a slider moves: fold, prune, quantize on a MobileNet-like net of 3.5 M parameters, sketched once.
 * Each estimate has another bit width or sparsity, so nothing is remembered from the one before. The ratio is the wanted 100 ms over
 * the 95th percentile; the first estimate, with cold code, is told beside it.
 */
import { estimateRecipe } from '../src/engine/estimate.ts';
import { parameterCount } from '../src/engine/model/model.ts';
import { parseRecipe } from '../src/engine/recipe.ts';
import { sketchModel } from '../src/engine/sketch.ts';
import { buildNet } from './nets.ts';
import type { Bench } from './run.ts';

const wanted = 100;

/** Depthwise-separable blocks with batch normalization, widths as in MobileNet v1. */
function mobileNet(seed: number) {
  const widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
  const blocks = widths.flatMap((filters, i) => [
    { className: 'DepthwiseConv2D', config: { kernel_size: 3, padding: 'same', use_bias: false } },
    { className: 'BatchNormalization' },
    { className: 'ReLU', config: { max_value: 6 } },
    { className: 'Conv2D', config: { filters, kernel_size: 1, use_bias: false, strides: i % 4 === 1 ? 2 : 1 } },
    { className: 'BatchNormalization' },
    { className: 'ReLU', config: { max_value: 6 } },
  ]);
  const stem = { className: 'Conv2D', config: { filters: 32, kernel_size: 3, strides: 2, padding: 'same' } };
  const head = [{ className: 'GlobalAveragePooling2D' }, { className: 'Dense', config: { units: 300 } }];
  return buildNet('mobilenet', [64, 64, 3], [stem, ...blocks, ...head], seed);
}

/** Milliseconds of processor time, which other processes on the machine do not lengthen. */
function time(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

export const bench: Bench = {
  name: 'estimate',
  summary: 'size of a recipe under the thumb at 3.5 M parameters, without touching the weights',
  async run({ seeds }) {
    const estimates: number[] = [];
    const sketching: number[] = [];
    let parameters = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const model = mobileNet(seed);
      parameters = parameterCount(model);
      let sketches = sketchModel({ ...model, weights: new Map() });
      sketching.push(
        time(() => {
          sketches = sketchModel(model);
        }),
      );
      for (let run = 0; run < 40; run++) {
        const steps = [
          { use: 'fold/batch-norm' },
          { use: 'prune/magnitude', sparsity: 0.3 + run / 80 },
          { use: run % 3 === 2 ? 'quantize/codebook' : 'quantize/affine', bits: 1 + (run % 8) },
        ];
        const recipe = parseRecipe({ recipe: 1, steps });
        estimates.push(time(() => estimateRecipe(model, sketches, recipe)));
      }
    }
    const ascending = [...estimates].sort((a, b) => a - b);
    const percentile95 = ascending[Math.floor(ascending.length * 0.95)] ?? Number.NaN;
    return {
      bench: 'estimate',
      ratio: wanted / percentile95,
      target: `95 % of estimates within ${wanted} ms`,
      parameters,
      percentile95Ms: percentile95,
      firstMs: estimates[0],
      medianMs: ascending[ascending.length >> 1],
      sketchOnceMs: Math.max(...sketching),
      estimates: estimates.length,
    };
  },
};
