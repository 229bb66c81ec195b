/** The formats that can be saved, as the page offers them. Their words and the code that loads them stand in `panels/`. */
import type { ExportTarget } from '../../workers/api.ts';

export const exportFormats = [
  { id: 'tfjs-layers', target: { format: 'tfjs-layers' } },
  { id: 'tfjs-graph', target: { format: 'tfjs-graph' } },
  { id: 'tflite-int8', target: { format: 'tflite', tflite: { kind: 'int8' } } },
  { id: 'tflite-int16x8', target: { format: 'tflite', tflite: { kind: 'int16x8' } } },
  { id: 'tflite-dynamic', target: { format: 'tflite', tflite: { kind: 'dynamic' } } },
  { id: 'tflite-float16', target: { format: 'tflite', tflite: { kind: 'float16' } } },
  { id: 'tflite-float32', target: { format: 'tflite', tflite: { kind: 'float32' } } },
  { id: 'keras', target: { format: 'keras' } },
  { id: 'keras-h5', target: { format: 'keras-h5' } },
] as const satisfies readonly { readonly id: string; readonly target: ExportTarget }[];

export type ExportFormat = (typeof exportFormats)[number]['id'];

/** What is offered for a model, by the format it was read from, the one for web pages first: a graph is only offered as such. */
export function offeredFormats(readFrom: string | undefined) {
  const graph = readFrom === 'tfjs-graph';
  return exportFormats.filter(({ id }) => id !== (graph ? 'tfjs-layers' : 'tfjs-graph'));
}

/** What goes into an int8 file and comes out of it. */
export type Ports = 'float32' | 'int8' | 'uint8';

/** What a person may choose of a .tflite file besides its kind. */
export interface TfliteChoices {
  readonly ports: Ports;
  /** Codes of up to 4 bits two to a byte. */
  readonly int4: boolean;
  /** Batches of any size. */
  readonly anyBatch: boolean;
}

/** Whether a format has codes that may stand two to a byte. */
export const takesNibbles = (id: ExportFormat): boolean => id === 'tflite-int8' || id === 'tflite-dynamic';

/** What the worker is asked for. */
export function targetOf(id: ExportFormat, { ports, int4, anyBatch }: TfliteChoices): ExportTarget {
  const target: ExportTarget = exportFormats.find((one) => one.id === id)?.target ?? { format: id };
  if (target.tflite === undefined) return target;
  const choices = {
    ...(id === 'tflite-int8' && { io: ports }),
    ...(int4 && takesNibbles(id) && { int4 }),
    ...(anyBatch && { anyBatch }),
  };
  return { ...target, tflite: { ...target.tflite, ...choices } };
}
