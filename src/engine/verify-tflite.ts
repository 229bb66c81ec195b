/**
 * What stands between "written" and "saved" for .tflite files: our reader opens them again, and what it finds is run beside the model.
 * A float32 file must answer as the model does; the other kinds round weights or activations, and how far that moves answers is told.
 * The interpreter itself, which nobody here wrote, judges the writer in the tests.
 */
import type { Context } from './context.ts';
import { StudioError } from './errors.ts';
import type { WriteOptions } from './format.ts';
import { kindOf } from './formats/tflite/write/kinds.ts';
import { evaluate } from './metrics/evaluate.ts';
import { withActivations } from './model/activation-grid.ts';
import type { Model } from './model/model.ts';
import { measureTestPart } from './test-part.ts';
import { type Verification, type VerifyJob, verdict, verifyTolerance, watchedPredictors } from './verify.ts';

const reader = { runtime: "Nutshell's reader", by: 'by our own reader' };

/** Throws EXPORT_VERIFY where a float32 file answers otherwise than the model, or any file in numbers that are not finite; FORMAT_* where it can't be read. */
export async function verifyTflite(job: VerifyJob & { readonly options: WriteOptions }, context: Context): Promise<Verification> {
  const { model, files, read, createPredictor, inputShapes, dataset, preprocessing, limit, test: indices } = job;
  const kind = kindOf(model, job.options);
  const sources = files.map(({ path, bytes }) => ({ path, size: bytes.length, bytes: async () => bytes }));
  const reread = await readBack(() => read(sources, { allowNonFinite: true }, context));
  if (typeof reread === 'string') return unread(reread);
  const shapes = inputShapes ? { inputShapes } : {};
  const ours = await createPredictor(kind === 'int8' || kind === 'int16x8' ? model : withActivations(model, new Map()), shapes);
  try {
    const theirs = await createPredictor(reread, shapes);
    try {
      const watched = watchedPredictors(ours, theirs, kind === 'float32' ? verifyTolerance : Number.POSITIVE_INFINITY);
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

/** The model, or why the reader does not take an operator that the writer needed. */
async function readBack(read: () => Promise<Model>): Promise<Model | string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StudioError && error.code === 'FORMAT_TFLITE_UNSUPPORTED_OPERATOR') return error.title;
    throw error;
  }
}

function unread(reason: string): Verification {
  const text = `Not opened again, so that nothing but the interpreter you run it in can tell whether it is right. ${reason}`;
  return { runtime: reader.runtime, samples: 0, maxRelativeError: 0, equal: false, figures: {}, test: null, text };
}
