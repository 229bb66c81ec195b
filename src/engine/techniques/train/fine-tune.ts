/**
 * Fine-tuning: the weights learn on from where they are, with every constraint that they carry. Pruned weights stay zero, palettes move
 * their entries, grids keep their levels. It repairs what pruning and quantizing cost (Han et al. 2015, 2016).
 */
import * as v from 'valibot';
import { defineTechnique } from '../../technique.ts';
import { trainingEntries } from '../../train/settings.ts';

const params = v.strictObject(trainingEntries({ epochs: 2, learningRate: 0.0005 }));

export type FineTuneParams = v.InferOutput<typeof params>;

export const trainFineTune = defineTechnique<FineTuneParams>({
  id: 'train/fine-tune',
  title: 'Fine-tuning',
  summary: 'Trains the weights on with your data; pruned weights stay zero, palettes and grids are kept.',
  params,
  phase: 'train',
  trains: true,
  supports: () => true,
  estimate: (sketch) => sketch,
  async apply(model, targets, context, own) {
    const { fineTune } = await import('./fine-tune-apply.ts');
    return fineTune(this.id, model, targets, context, own);
  },
});
