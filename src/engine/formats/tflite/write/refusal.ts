/** The one error of the TFLite writer: a layer that the format can't hold, by name, reason and remedy. */
import { StudioError } from '../../../errors.ts';

/** EXPORT_LAYER; `reason` is a clause. */
export function notWritable(layer: string, reason: string, remedy: string): StudioError {
  return new StudioError({
    code: 'EXPORT_LAYER',
    title: `The layer "${layer}" can not be saved for TFLite.`,
    detail: `It can not be written: ${reason}.`,
    hint: remedy,
    context: { layers: [layer] },
  });
}
