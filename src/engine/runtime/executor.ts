/**
 * Executes a Model on the current TF.js backend. Weights are uploaded once; nodes run in order, each in a tidy, with bias and
 * activation fused where the backend has such kernels; a value is freed as soon as its last consumer ran. Nothing of a batch
 * survives `predict`, and `dispose` frees the weights. Where values have grids (`Model.activations`), layers run in their stages and each
 * such value is rounded to its grid as soon as it is made.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import type { Answers } from '../integer/answers.ts';
import { fakeQuantize } from '../model/activation-grid.ts';
import type { Model, Node, ValueId } from '../model/model.ts';
import { formatShape } from '../model/ops/define.ts';
import { rowCounts } from '../model/row-numbers.ts';
import { answerOutput, inferShapes } from '../model/topology.ts';
import { isProcessor, onDevice } from './backends.ts';
import type { CreatePredictor, Predictor } from './predictor.ts';
import { type Grids, gridsOf, planSteps, type Roles, runLayer, type Step } from './steps.ts';
import { inputTensor, readValues } from './transfer.ts';
import { createWeightStore } from './weight-store.ts';

/** A predictor whose weights can be exchanged and whose layers can be timed. */
export interface Executor extends Predictor {
  /** Uploads the weights whose arrays changed, and takes the grids. False, and nothing done, where the model is not the same graph. */
  updateWeights(model: Model): boolean;
  /** Milliseconds per node, by name, of one batch that waits for the device behind every node. */
  timeNodes(inputs: readonly Float32Array[], count: number): Promise<Map<string, number>>;
  /** Runs one batch and shows each node's output, row-major, in the order of the nodes; the array may be kept. */
  observe(inputs: readonly Float32Array[], count: number, visit: (node: Node, values: Float32Array) => void): Promise<void>;
  /** The same network on the backend, where answers are computed elsewhere: what a clock is held to. */
  readonly simulated?: Executor;
}

function concreteShapes(model: Model, given: readonly (readonly number[])[] | undefined): readonly (readonly number[])[] {
  return model.inputs.map((input, index) => {
    const shape = given?.[index] ?? input.shape;
    const fits = shape.length === input.shape.length && shape.every((size, axis) => (input.shape[axis] ?? size) === size);
    if (fits && shape.every((size) => size !== null)) return shape as readonly number[];
    throw new StudioError({
      code: 'RUNTIME_INPUT_SHAPE',
      title: `The input "${input.name}" needs a definite size that fits the model.`,
      detail: `The model takes ${formatShape(input.shape)}, and was to run on ${formatShape(shape)}.`,
      hint: 'Give every size that the model leaves open, and keep the others.',
      context: { input: input.name, expected: input.shape, found: shape },
    });
  });
}

/** Throws RUNTIME_INPUT_ROWS where a number is no row of the table that it is to look up. */
function requireRows(values: Float32Array, rows: number): void {
  const wrong = values.find((value) => !(value > -1 && value < rows));
  if (wrong === undefined) return;
  throw new StudioError({
    code: 'RUNTIME_INPUT_ROWS',
    title: "The data's numbers are not those that the model looks up.",
    detail: `The model has an Embedding of ${rows} rows, numbered from 0 to ${rows - 1}; the data holds ${wrong}.`,
    hint: 'Give whole numbers of words or categories as the model was trained on, and choose no scaling.',
    context: { rows, found: wrong },
  });
}

interface Plan {
  readonly model: Model;
  readonly inputShapes: readonly (readonly number[])[];
  readonly rowCounts: readonly (number | null)[];
  readonly steps: readonly Step[];
  readonly grids: Grids;
}

interface Batch {
  /** In the order of the model's outputs; the caller disposes. */
  readonly outputs: readonly tf.Tensor[];
  /** The most bytes held at once beside the weights. */
  readonly peakBytes: number;
}

/** Runs all nodes on one batch; `afterNode` sees each output before it may be freed. Nothing but the outputs survives, failures included. */
async function runBatch(
  { model, inputShapes, rowCounts: rows, steps, grids }: Plan,
  roles: readonly (readonly Roles[])[],
  inputs: readonly Float32Array[],
  count: number,
  afterNode?: (node: Node, output: tf.Tensor) => Promise<void>,
): Promise<Batch> {
  const before = tf.memory().numBytes;
  let highest = before;
  const values = new Map<ValueId, tf.Tensor>();
  const valueNamed = (id: ValueId): tf.Tensor => {
    const value = values.get(id);
    if (value === undefined) throw new Error(`The value "${id}" was freed or never made.`);
    return value;
  };
  try {
    for (const [index, { value, dtype }] of model.inputs.entries()) {
      const given = inputs[index] ?? new Float32Array();
      const rowCount = rows[index];
      if (typeof rowCount === 'number') requireRows(given, rowCount);
      const grid = grids.get(value);
      const fed = grid === undefined ? given : fakeQuantize(given, grid);
      values.set(value, inputTensor(fed, inputShapes[index] ?? [], count, dtype));
    }
    for (const [index, step] of steps.entries()) {
      const { node, output, spent } = step;
      const y = tf.tidy(() => {
        const result = runLayer(step, roles[index] ?? [], grids, valueNamed);
        highest = Math.max(highest, tf.memory().numBytes);
        return result;
      });
      values.set(output, y);
      if (afterNode !== undefined) await afterNode(node, y);
      for (const id of spent) {
        valueNamed(id).dispose();
        values.delete(id);
      }
    }
    const outputs = model.outputs.map(valueNamed);
    for (const id of model.outputs) values.delete(id);
    return { outputs, peakBytes: highest - before };
  } finally {
    tf.dispose([...values.values()]);
  }
}

/** Milliseconds per node of one batch. */
async function timeBatch(backend: string, run: (afterNode: (node: Node, output: tf.Tensor) => Promise<void>) => Promise<Batch>) {
  const times = new Map<string, number>();
  let start = performance.now();
  const { outputs } = await run(async (node, output) => {
    // A GPU has finished only when something is read back.
    if (!isProcessor(backend)) await output.data();
    times.set(node.name, performance.now() - start);
    start = performance.now();
  });
  tf.dispose([...outputs]);
  return times;
}

/** Loads a model onto the current backend. Throws RUNTIME_INPUT_SHAPE where a size is open and `inputShapes` does not give it. */
export const createPredictor = (async (model, options = {}) => {
  const backend = tf.getBackend();
  const inputShapes = concreteShapes(model, options.inputShapes);
  if (model.graph !== undefined)
    return (await import('./graph-executor.ts')).createGraphExecutor(model, { backend, inputShapes });
  inferShapes(model, inputShapes);
  let plan: Plan = { model, inputShapes, rowCounts: rowCounts(model), steps: planSteps(model), grids: gridsOf(model) };
  const weights = createWeightStore(backend);
  const tensorsOf = (source: Model) => plan.steps.map(({ stages }) => stages.map(({ node }) => weights.tensorsOf(source, node)));
  let roles = tensorsOf(model);
  let peakBytes = weights.bytes();

  const executor: Executor = {
    backend,
    answer: answerOutput(model),
    inputShapes,
    rowCounts: plan.rowCounts,
    get peakBytes() {
      return peakBytes;
    },
    predict: (inputs, count) =>
      onDevice(backend, async () => {
        const batch = await runBatch(plan, roles, inputs, count);
        peakBytes = weights.bytes() + batch.peakBytes;
        try {
          return await Promise.all(batch.outputs.map(readValues));
        } finally {
          tf.dispose([...batch.outputs]);
        }
      }),
    updateWeights(next) {
      const alike = next.nodes.length === model.nodes.length && next.nodes.every((node, index) => node === model.nodes[index]);
      const same = alike && (next.activations === undefined) === (model.activations === undefined);
      if (!same) return false;
      roles = tensorsOf(next);
      plan = { ...plan, grids: gridsOf(next) };
      return true;
    },
    timeNodes: (inputs, count) =>
      onDevice(backend, () => timeBatch(backend, (afterNode) => runBatch(plan, roles, inputs, count, afterNode))),
    observe: (inputs, count, visit) =>
      onDevice(backend, async () => {
        // What a backend reads back may be memory that it uses again.
        const show = async (node: Node, output: tf.Tensor) => visit(node, (await readValues(output)).slice());
        const { outputs } = await runBatch(plan, roles, inputs, count, show);
        tf.dispose([...outputs]);
      }),
    dispose: weights.dispose,
  };
  return model.activations === undefined ? executor : answeringInIntegers(executor, model);
}) satisfies CreatePredictor;

/** The executor of a model whose values have grids, with the answers of the integer file that it would be written as, where it has codes for all. */
async function answeringInIntegers(simulated: Executor, model: Model): Promise<Executor> {
  const { integerAnswers } = await import('../integer/answers.ts');
  const { createAccelerator } = await import('./integer-accelerator.ts');
  const accelerator = createAccelerator();
  let current = model;
  // Laid out when it is first asked: who only times or observes layers has no use for it.
  let answers: Answers | null | undefined;
  const laidOut = (): Answers | null => {
    if (answers === undefined) answers = integerAnswers(current, simulated.inputShapes, accelerator?.accelerate);
    return answers;
  };
  return {
    ...simulated,
    simulated,
    get peakBytes() {
      return simulated.peakBytes;
    },
    async predict(inputs, count) {
      const answer = laidOut();
      return answer === null ? simulated.predict(inputs, count) : onDevice(simulated.backend, async () => answer(inputs, count));
    },
    updateWeights(next) {
      if (!simulated.updateWeights(next)) return false;
      accelerator?.dispose();
      [current, answers] = [next, undefined];
      return true;
    },
    dispose() {
      accelerator?.dispose();
      simulated.dispose();
    },
  };
}
