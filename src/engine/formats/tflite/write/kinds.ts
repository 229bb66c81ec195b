/** Which of the five kinds of .tflite file is meant: the one that is asked for, else the one that holds what the model already is. */
import { StudioError } from '../../../errors.ts';
import type { TfliteKind, WriteOptions } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';

/**
 * The kind of a file: int8 or int16x8 where activations have grids, dynamic where some weights have codes, float16 where some are halves,
 * else float32. Throws EXPORT_CALIBRATION where integers are asked for and activations have no grids, EXPORT_RANGE_BITS where those are of
 * other bits.
 */
export function kindOf(model: Model, { precision, tflite }: WriteOptions): TfliteKind {
  const kind = tflite?.kind ?? (precision === 'float32' ? 'float32' : naturalKind(model));
  const bits = kind === 'int8' ? 8 : kind === 'int16x8' ? 16 : null;
  if (bits === null) return kind;
  if (model.activations === undefined) {
    throw new StudioError({
      code: 'EXPORT_CALIBRATION',
      title: 'A full-integer file needs to know what flows between the layers.',
      detail: 'The activations of this model have no grids: nobody has measured their ranges.',
      hint: 'Add the step quantize/static to the recipe and open data to calibrate with, or choose another kind.',
    });
  }
  const other = [...model.activations.values()].find((grid) => grid.bits !== bits);
  if (other === undefined) return kind;
  throw new StudioError({
    code: 'EXPORT_RANGE_BITS',
    title: `What flows between the layers has ${other.bits} bits; this kind of file has ${bits}.`,
    detail: `The recipe measured ranges for ${other.bits} bits.`,
    hint: `Set the bits of quantize/static to ${bits}, or choose another kind of file.`,
    context: { bits: other.bits, wanted: bits },
  });
}

function naturalKind({ activations, weights }: Model): TfliteKind {
  if (activations !== undefined) return [...activations.values()].some(({ bits }) => bits === 16) ? 'int16x8' : 'int8';
  const kinds = new Set([...weights.values()].map(({ encoding }) => encoding.kind));
  if (kinds.has('affine') || kinds.has('codebook')) return 'dynamic';
  return kinds.has('float16') ? 'float16' : 'float32';
}
