/**
 * Distillation of answers (Hinton, Vinyals & Dean 2015): the compressed model learns to answer as the original does,
 *
 *   loss = α · T² · KL(softmax(q / T) ‖ softmax(z / T)) + (1 − α) · cross entropy with the labels
 *
 * with the original's logits q. Without labels α is 1: pictures alone repair a model. Constraints are kept as in fine-tuning.
 */
import * as v from 'valibot';
import { numberParam } from '../../params.ts';
import { defineTechnique } from '../../technique.ts';
import { trainingEntries } from '../../train/settings.ts';

const params = v.strictObject({
  temperature: numberParam({ title: 'Temperature', fallback: 4, min: 1, max: 20, step: 0.5 }),
  alpha: numberParam({ title: "Weight of the original's answers", fallback: 0.9, min: 0, max: 1, step: 0.05 }),
  ...trainingEntries({ epochs: 2, learningRate: 0.0005 }),
});

export type LogitsParams = v.InferOutput<typeof params>;

export const distillLogits = defineTechnique<LogitsParams>({
  id: 'distill/logits',
  title: 'Learning from the original',
  summary: 'Trains the compressed model to answer as the original does; works without labels, too.',
  params,
  phase: 'train',
  trains: true,
  supports: () => true,
  estimate: (sketch) => sketch,
  async apply(model, targets, context, own) {
    const { distill } = await import('./distill-apply.ts');
    return distill(this.id, model, targets, context, own);
  },
});
