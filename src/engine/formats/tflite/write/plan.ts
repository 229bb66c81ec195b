/** From a model and options to the file's graph: lowered, then placed as the kind wants it. */
import { StudioError } from '../../../errors.ts';
import type { TfliteKind, WriteOptions } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';
import { slotsOf } from '../../../slots.ts';
import { requireFinite } from '../../../techniques/walk.ts';
import type { FileGraph } from './file-graph.ts';
import type { Graph } from './graph.ts';
import { kindOf } from './kinds.ts';
import { lowerModel } from './lower/index.ts';
import { placeFloat } from './place-float.ts';
import { placeInt8 } from './place-int8.ts';

export interface FilePlan {
  readonly kind: TfliteKind;
  /** Codes may stand two to a byte. */
  readonly int4: boolean;
  readonly graph: Graph;
  readonly file: FileGraph;
  /** Layers that compute with floats in an int8 file. */
  readonly floatLayers: readonly string[];
}

/** Throws EXPORT_LAYER, EXPORT_CALIBRATION, EXPORT_RANGE_BITS, EXPORT_IO, and WEIGHT_NOT_FINITE where weights become integers. */
export function planFile(model: Model, options: WriteOptions): FilePlan {
  const kind = kindOf(model, options);
  const { anyBatch = false, io = 'float32', int4 = false, fusedLstm = false, inputShapes } = options.tflite ?? {};
  const integerWeights = kind === 'int8' || kind === 'int16x8' || kind === 'dynamic';
  if (io !== 'float32' && kind !== 'int8') {
    throw new StudioError({
      code: 'EXPORT_IO',
      title: `A file of the kind ${kind} takes and gives floats.`,
      detail: `Inputs and outputs of ${io} were asked for, which only a file of the kind int8 has.`,
      hint: 'Choose the kind int8, or float32 inputs and outputs.',
    });
  }
  if (integerWeights) for (const tensor of slotsOf(model)) requireFinite(tensor);
  const graph = lowerModel(model, { integerWeights, anyBatch, fusedLstm, ...(inputShapes ? { inputShapes } : {}) });
  if (kind !== 'int8' && kind !== 'int16x8')
    return { kind, int4, graph, file: placeFloat(graph, kind, { anyBatch, int4 }), floatLayers: [] };
  return {
    kind,
    int4,
    graph,
    ...placeInt8(graph, model.activations ?? new Map(), { bits: kind === 'int8' ? 8 : 16, ports: io, anyBatch, int4 }),
  };
}
