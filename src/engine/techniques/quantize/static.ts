/**
 * Static quantization of activations (Jacob et al. 2018, §3.1): every value that flows between layers gets one grid for all inputs, from
 * what calibration samples made of it, placed as TFLite's rules want it (model/activation-groups.ts). Weights are left to other steps.
 * Grids that are there already, such as those of quantization-aware training, stay as they are.
 */
import * as v from 'valibot';
import { rangeMethods } from '../../calibration/ranges.ts';
import { choiceParam, integerParam, numberParam } from '../../params.ts';
import { defineTechnique } from '../../technique.ts';

const params = v.strictObject({
  bits: integerParam({ title: 'Bits', fallback: 8, min: 8, max: 16, values: [8, 16], unit: 'bit' }),
  range: choiceParam({ title: 'Range', fallback: 'percentile', options: rangeMethods }),
  percentile: numberParam({ title: 'Percentile', fallback: 99.99, min: 99, max: 100, step: 0.01, unit: '%' }),
  samples: integerParam({ title: 'Calibration samples', fallback: 300, min: 10, max: 5000 }),
});

export type StaticParams = v.InferOutput<typeof params>;

export const staticDefaults: StaticParams = v.parse(params, {});

export const quantizeStatic = defineTechnique<StaticParams>({
  id: 'quantize/static',
  title: 'Activation quantization',
  summary: 'Gives what flows between layers grids of 8 or 16 bits, with ranges measured on calibration samples.',
  params,
  phase: 'grid',
  calibrates: true,
  supports: () => false,
  estimate: (sketch) => sketch,
  async preview(model, _targets, context, own, layers) {
    const { previewActivations } = await import('./static-apply.ts');
    return previewActivations(this.id, model, layers, context, own);
  },
  async apply(model, _targets, context, own, layers) {
    const { quantizeActivations } = await import('./static-apply.ts');
    return quantizeActivations(this.id, model, layers, context, own);
  },
});
