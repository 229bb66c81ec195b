/**
 * A model whose values and kernels are all codes answers as interpreters do: its layers become the operators of the int8 TFLite file that
 * it would be written as, computed code by code with XNNPACK's arithmetic. So the figures of a run are those of the file.
 */
import { StudioError } from '../errors.ts';
import { type FilePlan, planFile } from '../formats/tflite/write/plan.ts';
import { elementCount, type Model } from '../model/model.ts';
import { computes, prepareIntegers } from './run.ts';
import type { Accelerate } from './weighted.ts';

/** Row-major outputs of a batch. */
export type Answers = (inputs: readonly Float32Array[], count: number) => Float32Array[];

/** Null where values lack grids of 8 bits, a kernel has no codes, a layer computes with floats, or TFLite has no operators for one. */
export function integerAnswers(
  model: Model,
  inputShapes: readonly (readonly number[])[],
  accelerate?: Accelerate,
): Answers | null {
  const { activations } = model;
  if (activations === undefined || activations.size === 0) return null;
  if ([...activations.values()].some(({ bits }) => bits !== 8)) return null;
  const plan = planned(model, inputShapes);
  if (plan === null) return null;
  const { graph, file, floatLayers } = plan;
  const coded = graph.operators.every(({ inputs }) =>
    inputs.every((tensor) => tensor?.kind !== 'kernel' || tensor.codes !== null),
  );
  if (!coded || floatLayers.length > 0 || !file.operators.every(computes)) return null;
  const run = prepareIntegers(file, 'xnnpack', accelerate);
  const sizes = inputShapes.map(elementCount);
  return (inputs, count) => {
    const rows = Array.from({ length: count }, (_, sample) => {
      const one = inputs.map((values, i) => values.subarray(sample * (sizes[i] ?? 0), (sample + 1) * (sizes[i] ?? 0)));
      return run(one);
    });
    return file.outputs.map(({ tensor }, output) => {
      const width = elementCount(tensor.shape);
      const values = new Float32Array(count * width);
      for (const [sample, outputs] of rows.entries()) values.set(outputs[output] ?? [], sample * width);
      return values;
    });
  };
}

/** Null where no int8 file can be written. */
function planned(model: Model, inputShapes: readonly (readonly number[])[]): FilePlan | null {
  try {
    return planFile(model, { precision: 'encoded', tflite: { kind: 'int8', inputShapes } });
  } catch (error) {
    if (error instanceof StudioError) return null;
    throw error;
  }
}
