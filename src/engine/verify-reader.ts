/**
 * The verification of files that no runtime here but our own takes: our reader opens them again, and what it finds is run beside the model.
 * Runtimes that nobody here wrote judge the writers in the tests.
 */
import type { Context } from './context.ts';
import { sourceFile } from './formats/files.ts';
import { storedTensors } from './formats/tfjs-layers/write.ts';
import { evaluate } from './metrics/evaluate.ts';
import { withActivations } from './model/activation-grid.ts';
import type { Model } from './model/model.ts';
import { measureTestPart } from './test-part.ts';
import {
  different,
  sameNumbers,
  type Verification,
  type VerifyJob,
  verdict,
  verifyTolerance,
  watchedPredictors,
} from './verify.ts';

export const reader = { runtime: "Nutshell's reader", by: 'by our own reader' };

/** Runs `expected` beside what was read back. Throws EXPORT_VERIFY where outputs differ by more than `tolerance`, relative to the largest. */
export async function compareReread(
  { createPredictor, inputShapes, dataset, preprocessing, limit, test: indices }: VerifyJob,
  { expected, reread, tolerance }: { readonly expected: Model; readonly reread: Model; readonly tolerance: number },
  context: Context,
): Promise<Verification> {
  const shapes = inputShapes ? { inputShapes } : {};
  const ours = await createPredictor(expected, shapes);
  try {
    const theirs = await createPredictor(reread, shapes);
    try {
      const watched = watchedPredictors(ours, theirs, tolerance);
      const report: Context['report'] = (progress) => context.report({ ...progress, stage: 'verify' });
      const how = { preprocessing, context: { ...context, report } };
      const limited = limit === undefined ? {} : { limit };
      const evaluation = await evaluate({ predictors: watched.predictors, dataset, ...how, ...limited });
      const test = dataset && indices ? await measureTestPart({ dataset, indices, evaluation, predictor: theirs, ...how }) : null;
      return verdict(reader, evaluation, watched.worst(), test);
    } finally {
      theirs.dispose();
    }
  } finally {
    ours.dispose();
  }
}

/** Files that hold every weight as it is and compute with floats. Throws EXPORT_VERIFY where they answer otherwise, FORMAT_* where they can't be read. */
export async function verifyByReader(job: VerifyJob, context: Context): Promise<Verification> {
  const sources = job.files.map(({ path, bytes }) => sourceFile(path, bytes));
  const reread = await job.read(sources, { allowNonFinite: true }, context);
  compareValues(job.model, reread);
  const expected = withActivations(job.model, new Map());
  return compareReread(job, { expected, reread, tolerance: verifyTolerance }, context);
}

/** Every number must come back as it was, under the name of its layer. */
function compareValues(written: Model, reread: Model): void {
  for (const { name, weight } of storedTensors(written)) {
    const found = reread.weights.get(name);
    if (!found) throw different(`The tensor "${name}" is not found again.`);
    if (!sameNumbers(weight.values, found.values)) throw different(`The tensor "${name}" is read back with other values.`);
  }
}
