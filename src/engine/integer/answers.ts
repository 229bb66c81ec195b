/**
 * A model that was read from an integer file answers as interpreters do: its layers become TFLite's operators again, computed code by code
 * with XNNPACK's arithmetic. What a recipe made of it is answered so as long as each kernel keeps codes and no layer computes with floats.
 */
import { planFile } from '../formats/tflite/write/plan.ts';
import { elementCount, type Model } from '../model/model.ts';
import { computes, prepareIntegers } from './run.ts';
import type { Accelerate } from './weighted.ts';

/** Row-major outputs of a batch. */
export type Answers = (inputs: readonly Float32Array[], count: number) => Float32Array[];

/** Null where the model was read from another file, or is no longer one of whole numbers. */
export function integerAnswers(
  model: Model,
  inputShapes: readonly (readonly number[])[],
  accelerate?: Accelerate,
): Answers | null {
  const { source, activations } = model;
  if (source.integers !== true || activations === undefined) return null;
  if ([...activations.values()].some(({ bits }) => bits !== 8)) return null;
  const { graph, file, floatLayers } = planFile(model, { precision: 'encoded', tflite: { kind: 'int8', inputShapes } });
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
