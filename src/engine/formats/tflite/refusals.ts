/** What of TensorFlow Lite is not read here, by name, reason and remedy. A file that contradicts itself is FORMAT_DAMAGED, as everywhere. */
import { StudioError } from '../../errors.ts';

const openKeras = 'Open the Keras model it was converted from (.keras or .h5).';

/** The StudioErrors of the reader beyond those of problems.ts. */
export const refusals = {
  version: (path: string, version: number) =>
    new StudioError({
      code: 'FORMAT_TFLITE_VERSION',
      title: 'This TFLite file has a version that is not read here.',
      detail: `"${path}" says schema version ${version}; version 3 is read.`,
      hint: 'Convert the model again with a current TensorFlow.',
      context: { path, version },
    }),
  form: (path: string, what: string) =>
    new StudioError({
      code: 'FORMAT_TFLITE_UNSUPPORTED',
      title: 'This TFLite file is built in a way that is not read here.',
      detail: `"${path}": ${what}.`,
      hint: openKeras,
      context: { path },
    }),
  operator: (operator: string, layer: string, reason: string, remedy = openKeras) =>
    new StudioError({
      code: 'FORMAT_TFLITE_UNSUPPORTED_OPERATOR',
      title: `This model uses an operator that is not read here: ${operator} (layer "${layer}").`,
      detail: reason,
      hint: remedy,
      context: { operator, layer },
    }),
} as const;
