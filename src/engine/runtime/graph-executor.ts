/**
 * Executes a graph-model on TF.js' own graph executor. Weights are uploaded once and exchanged where their arrays changed. A graph that
 * takes batches of one size only is run on batches of that size, the last one filled up with zeros.
 */
import { loadGraphModelSync } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import { joined, joinedBytes } from '../math/joined.ts';
import type { GraphSource } from '../model/graph-source.ts';
import type { Model, Weight } from '../model/model.ts';
import { answerOutput } from '../model/topology.ts';
import { onDevice } from './backends.ts';
import type { Executor } from './executor.ts';
import { filledBatch, inputTensor, readValues, requireBatch } from './transfer.ts';

type LoadedGraph = ReturnType<typeof loadGraphModelSync>;

interface Options {
  readonly backend: string;
  readonly inputShapes: readonly (readonly number[])[];
}

/** Loads a graph onto the current backend. Throws RUNTIME_GRAPH where TF.js refuses it. */
export function createGraphExecutor(first: Model, { backend, inputShapes }: Options): Executor {
  let model = first;
  const source = model.graph as GraphSource;
  const graph = loadGraph(model, source);
  const weightBytes = (): number =>
    Object.values(graph.weights).reduce((sum, tensors) => sum + tensors.reduce((all, { size }) => all + 4 * size, 0), 0);
  let peakBytes = weightBytes();

  let profiled = 0;
  /** What is held within the graph is only seen by a profile: one more run for each size of batch, which fails for nothing that has run. */
  async function profile(run: () => tf.TensorContainer | Promise<tf.TensorContainer>, size: number): Promise<void> {
    const before = tf.memory().numBytes;
    const { result, peakBytes: highest } = await tf.profile(run as () => tf.TensorContainer);
    tf.dispose(result);
    peakBytes = weightBytes() + Math.max(0, highest - before);
    profiled = size;
  }

  async function runBatch(inputs: readonly Float32Array[], start: number, size: number): Promise<tf.Tensor[]> {
    const feeds: Record<string, tf.Tensor> = {};
    for (const [index, { dtype }] of model.inputs.entries()) {
      const shape = inputShapes[index] ?? [];
      const values = filledBatch(inputs[index] ?? new Float32Array(), shape, start, size);
      feeds[source.feeds[index] as string] = inputTensor(values, shape, size, dtype);
    }
    const fetches = [...source.fetches];
    const run = () => (source.dynamic ? graph.executeAsync(feeds, fetches) : graph.execute(feeds, fetches));
    try {
      const result = await run();
      if (profiled !== size) await profile(run, size);
      return Array.isArray(result) ? result : [result];
    } catch (error) {
      throw refused(error);
    } finally {
      tf.dispose(Object.values(feeds));
    }
  }

  async function predict(inputs: readonly Float32Array[], count: number): Promise<Float32Array[]> {
    for (const [index, shape] of inputShapes.entries()) requireBatch(inputs[index] ?? new Float32Array(), shape, count);
    const size = source.batch ?? count;
    const parts: Float32Array[][] = source.fetches.map(() => []);
    for (let start = 0; start < count; start += size) {
      const outputs = await runBatch(inputs, start, size);
      try {
        for (const [index, output] of outputs.entries()) {
          const values = await readValues(output);
          const name = source.fetches[index] ?? '';
          if (values.length % size !== 0) throw unevenOutput(name, values.length, size);
          const first = parts[index]?.[0];
          const kept = values.slice(0, (values.length / size) * Math.min(size, count - start));
          if (first !== undefined && kept.length > first.length) throw unevenOutput(name, kept.length, first.length);
          parts[index]?.push(kept);
        }
      } finally {
        tf.dispose(outputs);
      }
    }
    return parts.map(joined);
  }

  return {
    backend,
    answer: answerOutput(model),
    inputShapes,
    get peakBytes() {
      return peakBytes;
    },
    predict: (inputs, count) => onDevice(backend, () => predict(inputs, count)),
    updateWeights(next) {
      if (next.graph !== source) return false;
      for (const [name, weight] of next.weights) {
        if (model.weights.get(name)?.values !== weight.values) exchange(graph, name, weight);
      }
      model = next;
      return true;
    },
    // The graph runs as a whole: no time and no value within it is told.
    timeNodes: async () => new Map(),
    observe: async () => {
      throw needsWhole();
    },
    dispose: () => graph.dispose(),
  };
}

function loadGraph(model: Model, { json, groups }: GraphSource): LoadedGraph {
  const specs: tf.io.WeightsManifestEntry[] = [];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const { name, entry, bytes } of groups.flat()) {
    const weight = model.weights.get(name);
    if (weight === undefined) specs.push(entry as unknown as tf.io.WeightsManifestEntry);
    else specs.push({ name, shape: [...weight.shape], dtype: 'float32' });
    parts.push(weight === undefined ? (bytes ?? new Uint8Array()) : bytesOf(weight));
  }
  try {
    const artifacts = { ...json, weightSpecs: specs, weightData: joinedBytes(parts).buffer } as unknown as tf.io.ModelArtifacts;
    return loadGraphModelSync(artifacts);
  } catch (error) {
    throw refused(error);
  }
}

const bytesOf = ({ values }: Weight): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);

function exchange({ weights }: LoadedGraph, name: string, { values, shape }: Weight): void {
  const old = weights[name];
  if (old === undefined) return;
  // The executor frees what it did not load itself, unless it is kept.
  weights[name] = [tf.keep(tf.tensor(values, [...shape], 'float32'))];
  tf.dispose(old);
}

function refused(error: unknown): unknown {
  if (error instanceof StudioError) return error;
  return new StudioError(
    {
      code: 'RUNTIME_GRAPH',
      title: 'TF.js can not run this graph.',
      detail: `It says: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`,
      hint: 'Try another backend (the device menu), or open the Keras file that the graph was converted from.',
    },
    error,
  );
}

function unevenOutput(output: string, numbers: number, samples: number): StudioError {
  return new StudioError({
    code: 'RUNTIME_GRAPH_OUTPUT',
    title: `The output "${output}" does not give every sample its own numbers.`,
    detail: `It gave ${numbers} numbers for ${samples} samples: its size depends on what it sees, or its first dimension is not the batch.`,
    hint: 'Convert the model again with outputs of a fixed size, such as the scores in front of a selection of boxes.',
    context: { output, numbers, samples },
  });
}

function needsWhole(): StudioError {
  return new StudioError({
    code: 'RUNTIME_GRAPH_WHOLE',
    title: 'What happens between the layers of a graph-model can not be seen.',
    detail: 'A TF.js graph-model runs as a whole, on the executor of TF.js; only what comes out of it is told.',
    hint: 'Compare the answers instead, or open the Keras file that it was converted from for an error path layer by layer.',
  });
}
