/** Two forms of nets whose other forms are measured beside the executor (runtime/corpus.test.ts). */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtures, fixturesPresent } from '../../../scripts/fixtures.ts';
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { openData } from '../data/index.ts';
import { createRng } from '../math/rng.ts';
import { evaluate } from '../metrics/evaluate.ts';
import { answerOutput } from '../model/topology.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { createPredictor } from '../runtime/executor.ts';
import { verifyTfjsGraph } from '../verify-graph.ts';
import { openModel } from './index.ts';
import { tfjsGraph } from './tfjs-graph/index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
describe.skipIf(!fixturesPresent)('the corpus answers as measured', () => {
  beforeAll(() => startBackend('simd'));
  afterAll(() => stopBackend('simd'));

  it('the layers form of tf.keras is right 1956 times of 2000', async () => {
    const folder = 'tensorspace-mnist/docs/tensorflow/convertedModel/layerModel';
    const model = await openModel(fixtures(`${folder}/model.json`, `${folder}/group1-shard1of1`), {}, context);
    const answer = { ...model, outputs: model.outputs.slice(answerOutput(model)) };
    const predictor = await createPredictor(answer);
    const digits = fixtures('mnist-idx/t10k-images-idx3-ubyte.gz', 'mnist-idx/t10k-labels-idx1-ubyte.gz');
    const dataset = await openData(digits, {}, context);
    const result = await evaluate({ predictors: [predictor], dataset, preprocessing: 'unit', limit: 2000, context });
    predictor.dispose();
    expect([result.correct?.before, result.n]).toEqual([1956, 2000]);
  });

  it('big XCEPTION equals the graph-model that was converted from it', async () => {
    const [json, bin] = fixtures('npm-human/emotion.json', 'npm-human/emotion.bin');
    const description = JSON.parse(new TextDecoder().decode(await json?.bytes()));
    const graph = await tf.loadGraphModel({
      load: async () => ({
        modelTopology: description.modelTopology,
        weightSpecs: description.weightsManifest[0].weights,
        weightData: ((await bin?.bytes()) ?? new Uint8Array()).buffer,
      }),
    });
    const xception = fixtures('fer2013-xception/trained_models/fer2013_big_XCEPTION.54-0.66.hdf5');
    const predictor = await createPredictor(await openModel(xception, {}, context));
    const own = await openModel(fixtures('npm-human/emotion.json', 'npm-human/emotion.bin'), {}, context);
    const ownGraph = await createPredictor(own);
    const difference = async (seed: number, count: number) => {
      const rng = createRng(seed);
      const faces = Float32Array.from({ length: count * 64 * 64 }, () => 2 * rng.next() - 1);
      const expected = tf.tidy(() => (graph.predict(tf.tensor(faces, [count, 64, 64, 1])) as tf.Tensor).dataSync());
      const [outputs = new Float32Array()] = await predictor.predict([faces], count);
      expect((await ownGraph.predict([faces], count))[0]).toEqual(expected);
      return Math.max(...outputs.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN))));
    };
    expect(await difference(1, 1)).toBeLessThan(3e-9);
    // Where the answer is less sure, float32 itself has no finer steps than 6e-8: sums in another order end a step or two apart.
    expect(await difference(3, 2)).toBeLessThan(2.5e-7);
    predictor.dispose();
    ownGraph.dispose();
    graph.dispose();
  });

  it('graph-models with 8 bits per tensor load in stock TF.js and answer as here', async () => {
    for (const name of ['emotion', 'blazeface']) {
      const model = await openModel(fixtures(`npm-human/${name}.json`, `npm-human/${name}.bin`), {}, context);
      const recipe = { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine', per: 'tensor' }] } as const;
      const applied = await applyRecipe(model, { ...recipe, steps: [...recipe.steps] }, context);
      const files = (await tfjsGraph.write?.(applied.model, { precision: 'encoded' }, context)) ?? [];
      const { read } = tfjsGraph;
      const job = { model: applied.model, files, read, createPredictor, dataset: null, preprocessing: 'raw' as const, limit: 3 };
      expect((await verifyTfjsGraph(job, context)).maxRelativeError, name).toBeLessThan(1e-6);
      const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
      expect(bytes / model.source.bytes, name).toBeLessThan(0.45);
    }
  });
});
