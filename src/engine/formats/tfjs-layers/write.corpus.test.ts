import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../context.ts';
import { openData } from '../../data/index.ts';
import type { SourceFile } from '../../format.ts';
import { createRng } from '../../math/rng.ts';
import type { Model, Weight, WeightId } from '../../model/model.ts';
import { withWeights } from '../../model/model.ts';
import { opOf } from '../../model/ops/index.ts';
import { inferShapes } from '../../model/topology.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { type AffineOptions, codeAffine } from '../../techniques/quantize/affine-codes.ts';
import { verifyTfjsLayers } from '../../verify.ts';
import { openModel } from '../index.ts';
import { readTfjsLayers } from './read.ts';
import { cannotExpress, writeTfjsLayers } from './write.ts';

const fixtures = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

async function fixture(...paths: readonly string[]): Promise<SourceFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = new Uint8Array(await readFile(`${fixtures}/${path}`));
      return { path, size: bytes.length, bytes: async () => bytes };
    }),
  );
}

/** Every kernel on a symmetric grid per output channel. */
function perChannel(model: Model, bits: number): Model {
  const shapes = inferShapes(model);
  const options = { bits, symmetric: true, narrow: true, range: 'min-max', percentile: 100, holdsZero: false } as const;
  const changes = new Map<WeightId, Weight>();
  for (const node of model.nodes) {
    const inputs = node.inputs.map((value) => shapes.get(value) ?? []);
    for (const slot of opOf(node.op).slots(node.attrs, inputs)) {
      const id = node.weights[slot.role] ?? '';
      const weight = model.weights.get(id);
      if (slot.kind !== 'kernel' || !weight) continue;
      const grid: AffineOptions = { ...options, axis: slot.channelAxis };
      changes.set(id, { ...weight, ...codeAffine(weight.values, weight.shape, grid) });
    }
  }
  return withWeights(model, changes);
}

describe.skipIf(!existsSync(fixtures))('real nets, four bits per channel, in stock TF.js', () => {
  beforeAll(() => startBackend('simd'));

  it.each([
    ['ResNet8', ['mlperf-tiny/image-classification/pretrainedResnet.h5']],
    ['MobileNet 0.25, 96', ['mlperf-tiny/visual-wake-words/vww_96.h5']],
    [
      'MobileNet 0.25, 224',
      ['mobilenet_v1_0.25_224-assembled/model.json', 'mobilenet_v1_0.25_224-assembled/group1-shard1of1.bin'],
    ],
    ['mini XCEPTION', ['fer2013-xception/trained_models/emotion_models/fer2013_mini_XCEPTION.102-0.66.hdf5']],
    ['big XCEPTION', ['fer2013-xception/trained_models/fer2013_big_XCEPTION.54-0.66.hdf5']],
    ['the autoencoder', ['keras-colourspark/autoencoder.keras']],
    ['the moonflower CNN', ['keras-moonflower-mnist/mnist_model.keras']],
    ['Teachable Machine', ['teachablemachine/snippets/converter/image/test/image-model.zip']],
  ])('%s keeps every code', async (_, paths) => {
    const model = perChannel(await openModel(await fixture(...paths), {}, context), 4);
    expect(cannotExpress(model)).toEqual([]);
    const files = await writeTfjsLayers(model, { precision: 'encoded' }, context);
    const job = { model, files, createPredictor, read: readTfjsLayers, dataset: null, preprocessing: 'raw', limit: 4 } as const;
    const { maxRelativeError } = await verifyTfjsLayers(job, context);
    expect(maxRelativeError).toBeLessThan(1e-5);
  });

  it('ResNet8 gets the same answers right at 8 bits', async () => {
    const model = perChannel(
      await openModel(await fixture('mlperf-tiny/image-classification/pretrainedResnet.h5'), {}, context),
      8,
    );
    const dataset = await openData(await fixture('cifar10/cifar10_1000.npz'), {}, context);
    const files = await writeTfjsLayers(model, { precision: 'encoded' }, context);
    const job = { model, files, createPredictor, read: readTfjsLayers, dataset, preprocessing: 'raw', limit: 200 } as const;
    const { correct, maxRelativeError } = await verifyTfjsLayers(job, context);
    expect(correct?.stock).toBe(correct?.ours);
    expect(correct?.stock).toBeGreaterThan(160);
    expect(maxRelativeError).toBeLessThan(1e-5);
  });
});
