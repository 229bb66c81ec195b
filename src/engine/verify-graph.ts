/** Written graph-models are verified by the loader that pages use: `tf.loadGraphModel` of stock TF.js. */
import type { GraphModel, NamedTensorMap, Tensor } from '@tensorflow/tfjs';
import type { Context } from './context.ts';
import { expressedGraph } from './formats/tfjs-graph/write.ts';
import type { GraphSource } from './model/graph-source.ts';
import type { Model } from './model/model.ts';
import type { Predictor } from './runtime/predictor.ts';
import { filledBatch } from './runtime/transfer.ts';
import { filesHandler, type Stock, stockRefusal, type Tf, type Verification, type VerifyJob, verifyIn } from './verify.ts';

/** Throws EXPORT_VERIFY where stock TF.js can't load the files or computes something else, or where codes are not read back. */
export function verifyTfjsGraph(job: VerifyJob, context: Context): Promise<Verification> {
  return verifyIn(graphStock, job, context);
}

const graphStock: Stock = {
  express: expressedGraph,
  tensors: ({ weights }) => [...weights].map(([name, weight]) => ({ name, weight })),
  async load(tf, { model, files }, inputShapes) {
    const graph = await stockRefusal(() => tf.loadGraphModel(filesHandler(tf, files)));
    return graphPredictor(tf, graph, model, inputShapes);
  },
};

/** Each batch as the graph takes it: whole, or in runs of the one size that it knows. */
function graphPredictor(tf: Tf, graph: GraphModel, model: Model, inputShapes: Predictor['inputShapes']): Predictor {
  const { batch, feeds, fetches, dynamic } = model.graph as GraphSource;
  const runOn = async (inputs: readonly Float32Array[], size: number): Promise<Tensor[]> => {
    const given: NamedTensorMap = {};
    for (const [i, name] of feeds.entries()) {
      const values = inputs[i] ?? new Float32Array();
      const whole = model.inputs[i]?.dtype === 'int32';
      given[name] = tf.tensor(
        whole ? Int32Array.from(values) : values,
        [size, ...(inputShapes[i] ?? [])],
        whole ? 'int32' : 'float32',
      );
    }
    const result = dynamic ? await graph.executeAsync(given, [...fetches]) : graph.execute(given, [...fetches]);
    tf.dispose(given);
    return Array.isArray(result) ? result : [result];
  };
  return {
    backend: tf.getBackend(),
    inputShapes,
    peakBytes: 0,
    async predict(inputs, count) {
      const size = batch ?? count;
      const found: number[][] = fetches.map(() => []);
      for (let start = 0; start < count; start += size) {
        const part = inputs.map((values, i) => filledBatch(values, inputShapes[i] ?? [], start, size));
        const outputs = await runOn(part, size);
        for (const [i, output] of outputs.entries()) {
          const values = await output.data();
          const kept = (values.length / size) * Math.min(size, count - start);
          for (let at = 0; at < kept; at++) found[i]?.push(values[at] as number);
          output.dispose();
        }
      }
      return found.map((values) => Float32Array.from(values));
    },
    dispose: () => graph.dispose(),
  };
}
