/** Writes a model as one .tflite file. The same model and options always give the same bytes. */
import { type Context, checkpoint } from '../../../context.ts';
import type { OutputFile, WriteOptions } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';
import { planFile } from './plan.ts';
import { serialize } from './serialize.ts';

/** `model.tflite`. Throws EXPORT_LAYER for what TFLite can't compute, EXPORT_CALIBRATION where int8 activations have no ranges. */
export async function writeTflite(model: Model, options: WriteOptions, context: Context): Promise<readonly OutputFile[]> {
  await checkpoint(context);
  const { file } = planFile(model, options);
  await checkpoint(context);
  return [{ path: 'model.tflite', bytes: serialize(file) }];
}
