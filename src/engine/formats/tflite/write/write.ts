/** Writes a model as one .tflite file. The same model always gives the same bytes. */
import { type Context, checkpoint } from '../../../context.ts';
import type { OutputFile, WriteOptions } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';
import { lowerModel } from './lower/index.ts';
import { placeFloat } from './place-float.ts';
import { serialize } from './serialize.ts';

/** `model.tflite`. Throws EXPORT_LAYER for what TFLite can't compute. */
export async function writeTflite(model: Model, _options: WriteOptions, context: Context): Promise<readonly OutputFile[]> {
  await checkpoint(context);
  const graph = lowerModel(model, { integerWeights: false, anyBatch: false });
  const file = placeFloat(graph, 'float32', false);
  return [{ path: 'model.tflite', bytes: serialize(file) }];
}
