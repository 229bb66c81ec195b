/** How the files of each format are verified. */
import type { Context } from './context.ts';
import type { WriteOptions } from './format.ts';
import { type Verification, type VerifyJob, verifyTfjsLayers } from './verify.ts';
import { verifyTfjsGraph } from './verify-graph.ts';
import { verifyByReader } from './verify-reader.ts';
import { verifyTflite } from './verify-tflite.ts';

/** The verification of a format: by stock TF.js where it takes the files, else by our reader. Throws as the one that is used. */
export function verifyFiles(
  format: string,
  job: VerifyJob & { readonly options: WriteOptions },
  context: Context,
): Promise<Verification> {
  if (format === 'tfjs-graph') return verifyTfjsGraph(job, context);
  if (format === 'tflite') return verifyTflite(job, context);
  return format === 'tfjs-layers' ? verifyTfjsLayers(job, context) : verifyByReader(job, context);
}
