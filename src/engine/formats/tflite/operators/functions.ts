/** Operators that no layer of Keras stands for: they stay operators (model/ops/tflite-operator.ts), with stored operands as their weights. */
import type { KerasConfig } from '../../../model/op.ts';
import { tflitePrefix } from '../../../model/ops/tflite-operator.ts';
import type { Call } from '../call.ts';
import type { Flow, LaidOut } from '../graph.ts';
import { BatchMatMulOptions, BuiltinOptions, ReducerOptions } from '../schema/schema.ts';

/** The operator of a call, on its first operands. */
function operator(call: Call, count: number, more: KerasConfig = {}, part?: string): Flow {
  const places = Array.from({ length: count }, (_, place) => place);
  const isStored = places.map((place) => call.value(place).kind === 'constant');
  const flows = places.filter((place) => !isStored[place]).map((place) => call.flow(place));
  const [first] = flows;
  if (first === undefined) throw call.refuse('Nothing that layers make flows into it.');
  const { length: rank } = first.shape;
  if (flows.some(({ shape }) => shape.length !== rank)) throw call.refuse('Its inputs have different numbers of axes.');
  const weights: Record<string, LaidOut> = {};
  const operands = places.map((place) => {
    if (!isStored[place]) return null;
    const { shape } = call.tensor(place);
    if (shape.length > rank + 1 || (shape.length === rank + 1 && shape[0] !== 1))
      throw call.refuse(`Its stored operand [${shape.join(', ')}] says something else for each sample.`);
    weights[`operand${place}`] = call.weight(place, 'as stored', (weight) => weight);
    return shape;
  });
  return call.add(tflitePrefix + call.kind, { code: call.kind, operands, ...more }, flows, weights, part);
}

/** The reader of an operator on one, two or three values. */
export function general(count: 1 | 2 | 3): (call: Call) => Flow {
  return (call) => operator(call, count);
}

/** A reduction over any axes of a sample. */
export function reduced(call: Call): Flow {
  const { length } = call.tensor(0).shape;
  const axes = [...new Set(call.integers(1).map((axis) => (axis < 0 ? axis + length : axis)))].sort((a, b) => a - b);
  if (axes.some((axis) => axis < 1 || axis >= length)) throw call.refuse(`It reduces the axes ${axes.join(', ')} of ${length}.`);
  const keepDims = call.options(BuiltinOptions.ReducerOptions, new ReducerOptions()).keepDims();
  return operator(call, 1, { axes, keepDims });
}

/** The product of two stacks of matrices. */
export function matrices(call: Call): Flow {
  const options = call.options(BuiltinOptions.BatchMatMulOptions, new BatchMatMulOptions());
  if (call.sample().length < 2) throw call.refuse('It multiplies a sample with another sample.');
  return operator(call, 2, { adjX: options.adjX(), adjY: options.adjY() });
}
