/** Multiply-accumulates of one forward pass of one sample: an exact count from the layers' shapes, nothing estimated. */
import type { Model, Shape } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import type { Measured } from '../report.ts';

/** The figure `macs`, or null where a size is known only at run time and no input shapes are given. */
export function macsFigure(model: Model, inputShapes?: readonly Shape[]): Measured | null {
  const value = modelMacs(model, inputShapes);
  return Number.isFinite(value) ? { value, unit: 'MAC', how: 'measured' } : null;
}
