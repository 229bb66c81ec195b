/**
 * A student to be taught: the model is replaced by a smaller one of the same make that knows nothing yet. Each hidden layer keeps a share of
 * its channels (the width multiplier of Howard et al. 2017), convolutions may become depthwise-separable ones; inputs and answers stay.
 * What it knows in the end it learns in later steps, from the model before it (distill/*) or from data (train/fine-tune).
 */
import { defineTechnique } from '../../technique.ts';
import { type StudentParams, studentParams } from './student-params.ts';

export const distillStudent = defineTechnique<StudentParams>({
  id: 'distill/student',
  title: 'A smaller student',
  summary: 'Replaces the model by a narrower one that has learnt nothing yet; a later step teaches it what the original knows.',
  params: studentParams,
  phase: 'structure',
  forgets: true,
  supports: () => true,
  estimate: (sketch) => sketch,
  restructure: (model, targets, _params, work) => work.startStudent(model, targets),
  async apply(model, targets, context) {
    const { startStudent } = await import('./student-apply.ts');
    return startStudent(this.id, model, targets, context);
  },
});
