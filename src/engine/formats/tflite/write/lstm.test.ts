/** An LSTM as one operator, in Google's interpreter: forgetting what was before, with the codes that it has, and read back. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import type { TfliteKind } from '../../../format.ts';
import { createRng } from '../../../math/rng.ts';
import type { Model } from '../../../model/model.ts';
import { relativeDifference } from '../../../model/ops/cases.ts';
import { calibrated } from '../../../testing/calibrated.ts';
import { noise, onGrid, runSmall, smallModel } from '../../../testing/small-model.ts';
import { openTflite } from '../../../testing/tflite-interpreter.ts';
import { sourceFile } from '../../files.ts';
import { readTflite } from '../read.ts';
import { tfliteLosses } from './losses.ts';
import { writeTflite } from './write.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const [steps, features, units] = [6, 5, 32];
const lstm = { units, recurrent_activation: 'sigmoid' };
const net = smallModel({ x: [steps, features] }, [
  { name: 'first', op: 'LSTM', config: { ...lstm, return_sequences: true } },
  { name: 'second', op: 'LSTM', config: lstm },
]);
const samples = [0, 1, 2].map((sample) =>
  noise(3 * steps * features)
    .subarray(sample * steps * features)
    .map((value) => 2 * value),
);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function written(model: Model, kind: TfliteKind, fusedLstm: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const [file] = await writeTflite(model, { precision: 'encoded', tflite: { kind, fusedLstm } }, context);
  return file?.bytes ?? new Uint8Array();
}

/** The largest difference on samples that follow each other in one interpreter. */
async function difference(model: Model, bytes: Uint8Array): Promise<number> {
  const interpreter = await openTflite(bytes);
  const worst = samples.map((all) => {
    const sample = all.subarray(0, steps * features);
    const [expected = new Float32Array()] = runSmall(model, [sample], 1);
    return relativeDifference(expected, interpreter.run([sample])[0] as Float32Array);
  });
  interpreter.dispose();
  return Math.max(...worst);
}

it('answers alike, whatever ran before, in a smaller file', async () => {
  const bytes = await written(net, 'float32', true);
  expect(await difference(net, bytes)).toBeLessThan(1e-5);
  expect(bytes.length).toBeLessThan((await written(net, 'float32', false)).length - 10_000);
  expect(tfliteLosses(net, { precision: 'encoded', tflite: { fusedLstm: true } }).map(({ code }) => code)).toEqual([
    'needs-interpreter',
  ]);
});

it('is what remains where there are too many steps to be written out', async () => {
  const long = smallModel({ x: [1200, 1] }, [{ name: 'lstm', op: 'LSTM', config: { ...lstm, units: 2 } }]);
  const [file] = await writeTflite(long, { precision: 'encoded' }, context);
  const interpreter = await openTflite(file?.bytes ?? new Uint8Array());
  const sample = noise(1200);
  const [expected = new Float32Array()] = runSmall(long, [sample], 1);
  expect(relativeDifference(expected, interpreter.run([sample])[0] as Float32Array)).toBeLessThan(1e-5);
  interpreter.dispose();
});

it('keeps codes with one scale, and is read back as the layers that it was', async () => {
  const ids = ['first', 'second'].flatMap((layer) => [`${layer}/kernel`, `${layer}/recurrent_kernel`]);
  const coded = ids.reduce((model, id) => onGrid(model, id, { bits: 6, axis: null, symmetric: true }), net);
  const bytes = await written(coded, 'dynamic', true);
  // What flows into such kernels is rounded to 8 bits.
  expect(await difference(coded, bytes)).toBeLessThan(0.1);
  const reread = await readTflite([sourceFile('net.tflite', bytes)], {}, context);
  expect(reread.nodes.filter(({ op }) => op === 'LSTM').map(({ name }) => name)).toEqual(['first', 'second']);
  for (const [id, { values }] of coded.weights)
    expect(relativeDifference(values, reread.weights.get(id)?.values ?? new Float32Array())).toBeLessThan(1e-6);
  expect(ids.map((id) => reread.weights.get(id)?.encoding.kind)).toEqual(ids.map(() => 'affine'));
  const [expected = new Float32Array()] = runSmall(coded, [samples[0]?.subarray(0, steps * features) ?? noise(1)], 1);
  const [found = new Float32Array()] = runSmall(reread, [samples[0]?.subarray(0, steps * features) ?? noise(1)], 1);
  expect(relativeDifference(expected, found)).toBeLessThan(1e-5);
});

it('computes with floats in a file of integers', async () => {
  const sample = samples[0]?.subarray(0, steps * features) ?? noise(1);
  const model = await calibrated(net, [sample], 1);
  const interpreter = await openTflite(await written(model, 'int8', true));
  const [expected = new Float32Array()] = runSmall(net, [sample], 1);
  expect(relativeDifference(expected, interpreter.run([sample])[0] as Float32Array)).toBeLessThan(0.05);
  interpreter.dispose();
});
