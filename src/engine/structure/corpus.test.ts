/** Real networks with fewer channels: the same answers as with these channels at zero, and files that every reader takes. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { stockModel } from '../../../bench/stock-model.ts';
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { sourceFile } from '../formats/files.ts';
import { formats, openModel } from '../formats/index.ts';
import { createRng } from '../math/rng.ts';
import { axisStride } from '../model/encoding.ts';
import { elementCount, type Model, withWeights } from '../model/model.ts';
import { relativeDifference } from '../model/ops/cases.ts';
import { modelMacs, validateModel } from '../model/topology.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend } from '../runtime/backends.ts';
import { createPredictor } from '../runtime/executor.ts';
import { channelGraph } from './channel-graph.ts';
import { withoutUnits } from './remove.ts';

const corpus = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const context = (): Context => ({ signal: new AbortController().signal, report: () => undefined, rng: createRng(1) });
const open = async (path: string): Promise<Model> =>
  openModel([sourceFile(basename(path), new Uint8Array(await readFile(join(corpus, path))))], {}, context());

const nets = {
  ResNet8: ['mlperf-tiny/image-classification/pretrainedResnet.h5', [32, 32, 3]],
  'vww MobileNet': ['mlperf-tiny/visual-wake-words/vww_96.h5', [96, 96, 3]],
  'mini-XCEPTION': ['fer2013-xception/trained_models/emotion_models/fer2013_mini_XCEPTION.102-0.66.hdf5', [64, 64, 1]],
} as const;

function inputOf(shape: readonly number[]): Float32Array {
  const rng = createRng(9);
  return Float32Array.from({ length: elementCount(shape) }, () => rng.next());
}

async function answers(model: Model, shape: readonly number[]): Promise<Float32Array> {
  const predictor = await createPredictor(model, { inputShapes: [shape] });
  const [values = new Float32Array()] = await predictor.predict([inputOf(shape)], 1);
  predictor.dispose();
  return values;
}

describe.skipIf(!existsSync(corpus))('real networks', () => {
  beforeAll(() => startBackend('simd'));

  it.each(Object.entries(nets))('%s answers as with a third of its channels at zero', async (_, [path, shape]) => {
    const model = await open(path);
    const graph = channelGraph(model);
    const removed = new Uint8Array(graph.protections.length);
    for (const { units, protection } of graph.groups) {
      if (protection === undefined) for (const [place, unit] of units.entries()) removed[unit] = place % 3 === 1 ? 1 : 0;
    }
    const zeros = new Map(model.weights);
    for (const { weight: id, axis, units } of graph.axes) {
      const weight = zeros.get(id);
      if (weight === undefined) continue;
      const stride = axisStride(weight.shape, axis);
      const values = weight.values.map((value, at) =>
        removed[units[Math.floor(at / stride) % units.length] as number] === 1 ? 0 : value,
      );
      zeros.set(id, { ...weight, values });
    }
    const pruned = withoutUnits(model, graph, removed);
    validateModel(pruned);
    expect(modelMacs(pruned, [shape])).toBeLessThan(0.6 * modelMacs(model, [shape]));
    expect(relativeDifference(await answers(withWeights(model, zeros), shape), await answers(pruned, shape))).toBeLessThan(1e-5);
  });

  it('mini-XCEPTION without 30 % of its work is written and read in every format, and stock TF.js computes the same', async () => {
    const [path, shape] = nets['mini-XCEPTION'];
    const steps = [{ use: 'fold/batch-norm' }, { use: 'prune/channels', ratio: 0.3, roundTo: 4 }];
    const model = await open(path);
    const { model: pruned } = await applyRecipe(model, parseRecipe({ recipe: 1, steps }), context());
    expect(modelMacs(pruned)).toBeLessThanOrEqual(0.7 * modelMacs(model));
    const expected = await answers(pruned, shape);
    for (const { holds, write } of formats) {
      if (write === undefined || holds === 'graphs') continue;
      const files = await write(pruned, { precision: 'encoded' }, context());
      const again = await openModel(
        files.map(({ path: name, bytes }) => sourceFile(name, bytes)),
        {},
        context(),
      );
      expect(relativeDifference(expected, await answers(again, shape))).toBeLessThan(1e-6);
    }
    const stock = await stockModel(pruned);
    const output = tf.tidy(() => stock.predict(tf.tensor(inputOf(shape), [1, ...shape])) as tf.Tensor);
    expect(relativeDifference(expected, (await output.data()) as Float32Array)).toBeLessThan(1e-5);
    output.dispose();
    stock.dispose();
  });
});
