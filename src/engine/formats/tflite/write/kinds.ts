/** Which of the four kinds of .tflite file is meant: the one that is asked for, else the one that holds what the model already is. */
import { StudioError } from '../../../errors.ts';
import type { TfliteKind, WriteOptions } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';

/**
 * The kind of a file: int8 or int16x8 where activations have grids, dynamic where some weights have codes, float16 where some are halves, else float32.
 * Throws EXPORT_CALIBRATION where int8 is asked for and activations have no grids.
 */
export function kindOf(model: Model, { precision, tflite }: WriteOptions): TfliteKind {
  const kind = tflite?.kind ?? (precision === 'float32' ? 'float32' : naturalKind(model));
  if ((kind !== 'int8' && kind !== 'int16x8') || model.activations !== undefined) return kind;
  throw new StudioError({
    code: 'EXPORT_CALIBRATION',
    title: 'A full-integer file needs to know what flows between the layers.',
    detail: 'The activations of this model have no grids: nobody has measured their ranges.',
    hint: 'Add the step quantize/static to the recipe and open data to calibrate with, or choose another kind.',
  });
}

function naturalKind({ activations, weights }: Model): TfliteKind {
  if (activations !== undefined) return [...activations.values()].some(({ bits }) => bits === 16) ? 'int16x8' : 'int8';
  const kinds = new Set([...weights.values()].map(({ encoding }) => encoding.kind));
  if (kinds.has('affine') || kinds.has('codebook')) return 'dynamic';
  return kinds.has('float16') ? 'float16' : 'float32';
}
