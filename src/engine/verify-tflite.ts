/**
 * What stands between "written" and "saved" for .tflite files: our reader opens them again, and what it finds is run beside the model.
 * A float32 file must answer as the model does; the other kinds round weights or activations, and how far that moves answers is told:
 * files of 8-bit integers answer code by code, by the interpreter's arithmetic (integer/answers.ts).
 * The interpreter itself, which nobody here wrote, judges the writer in the tests.
 */
import type { Context } from './context.ts';
import { StudioError } from './errors.ts';
import type { WriteOptions } from './format.ts';
import { sourceFile } from './formats/files.ts';
import { kindOf } from './formats/tflite/write/kinds.ts';
import { withActivations } from './model/activation-grid.ts';
import type { Model } from './model/model.ts';
import { type Verification, type VerifyJob, verifyTolerance } from './verify.ts';
import { compareReread, reader } from './verify-reader.ts';

/** Throws EXPORT_VERIFY where a float32 file answers otherwise than the model, or any file in numbers that are not finite; FORMAT_* where it can't be read. */
export async function verifyTflite(job: VerifyJob & { readonly options: WriteOptions }, context: Context): Promise<Verification> {
  const { model, files, read } = job;
  const kind = kindOf(model, job.options);
  const sources = files.map(({ path, bytes }) => sourceFile(path, bytes));
  const reread = await readBack(() => read(sources, { allowNonFinite: true }, context));
  if (typeof reread === 'string') return unread(reread);
  const expected = kind === 'int8' || kind === 'int16x8' ? model : withActivations(model, new Map());
  const tolerance = kind === 'float32' ? verifyTolerance : Number.POSITIVE_INFINITY;
  return compareReread(job, { expected, reread, tolerance }, context);
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
