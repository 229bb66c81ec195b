/** A student at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import { type Model, parameterCount } from '../../model/model.ts';
import type { StepResult, Target } from '../../technique.ts';
import { visitTargets } from '../walk.ts';
import { studentOf } from './student-graph.ts';
import type { StudentParams } from './student-params.ts';

/** The student of a model, with a note on its size. Throws DISTILL_STUDENT where the graph can not be made narrower. */
export async function startStudent(
  technique: string,
  model: Model,
  targets: readonly Target<StudentParams>[],
  context: Context,
): Promise<StepResult> {
  await visitTargets(technique, targets, context, () => {});
  const student = studentOf(model, targets, context.rng);
  const [before, after] = [parameterCount(model), parameterCount(student)].map((count) => count.toLocaleString('en'));
  const text = `${technique}: the student has ${after} parameters, the model before it ${before}.`;
  return { model: student, notes: targets.length === 0 ? [] : [{ layer: '', code: 'student', text }] };
}
