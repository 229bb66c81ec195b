/** What is written is opened again by our own reader and answers as the model does. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from './errors.ts';
import type { WriteOptions } from './format.ts';
import { tflite } from './formats/tflite/index.ts';
import { writeTflite } from './formats/tflite/write/write.ts';
import { createRng } from './math/rng.ts';
import type { Model } from './model/model.ts';
import { caseModel, opCases } from './model/ops/cases.ts';
import { createPredictor } from './runtime/executor.ts';
import { calibrated, kernelsOnGrid } from './testing/calibrated.ts';
import { smallModel } from './testing/small-model.ts';
import type { Verification } from './verify.ts';
import { verifyTflite } from './verify-tflite.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function verified(model: Model, options: WriteOptions): Promise<Verification> {
  const files = await writeTflite(model, options, context);
  const job = {
    model,
    files,
    createPredictor,
    read: tflite.read,
    dataset: null,
    preprocessing: 'raw',
    limit: 4,
    options,
  } as const;
  return verifyTflite(job, context);
}

/** A case of each kind of layer, and all activations. */
const cases = opCases.filter(
  ({ className, name }, at) =>
    /^(Activation|Dot|.*Norm)/.test(className) ||
    /zero_output_for_mask|"threshold"/.test(name) ||
    opCases.findIndex((other) => other.className === className) === at,
);

describe('float32 files opened again', () => {
  it.each(cases)('$name', async (opCase) => {
    const { samples, text } = await verified(caseModel(opCase), { precision: 'encoded', tflite: { kind: 'float32' } });
    expect(samples).toBeGreaterThan(0);
    expect(text).toMatch(/^Re-opened by our own reader: outputs (equal|identical)/);
  });
});

it('an int8 file answers as the model with grids does', async () => {
  const net = smallModel({ x: [6, 6, 2] }, [
    { name: 'conv', op: 'Conv2D', config: { filters: 3, kernel_size: 3, activation: 'relu' } },
    { name: 'flat', op: 'Flatten' },
    { name: 'fc', op: 'Dense', config: { units: 3, activation: 'softmax' } },
  ]);
  const inputs = [Float32Array.from({ length: 4 * 72 }, (_, i) => Math.sin(i))];
  const model = await calibrated(kernelsOnGrid(net), inputs, 4);
  const { maxRelativeError } = await verified(model, { precision: 'encoded', tflite: { kind: 'int8' } });
  expect(maxRelativeError).toBeLessThan(0.02);
});

it('a file that answers otherwise is not saved', async () => {
  const [opCase] = opCases;
  if (opCase === undefined) throw new Error('There are cases.');
  const model = caseModel(opCase);
  const options = { precision: 'encoded', tflite: { kind: 'float32' } } as const;
  const files = await writeTflite(model, options, context);
  const other = {
    ...model,
    weights: new Map([...model.weights].map(([id, weight]) => [id, { ...weight, values: weight.values.map((value) => -value) }])),
  };
  const job = { model: other, files, createPredictor, read: tflite.read, dataset: null, preprocessing: 'raw', options } as const;
  await expect(verifyTflite(job, context)).rejects.toMatchObject({ code: 'EXPORT_VERIFY' });
});

it('says so where an operator is not read', async () => {
  const model = smallModel({ x: [2] }, [{ name: 'relu', op: 'ReLU' }]);
  const read = async (): Promise<Model> => {
    throw new StudioError({ code: 'FORMAT_TFLITE_UNSUPPORTED_OPERATOR', title: 'It is not read.', detail: '', hint: '' });
  };
  const options = { precision: 'encoded', tflite: { kind: 'float32' } } as const;
  const job = { model, files: [], createPredictor, read, dataset: null, preprocessing: 'raw', options } as const;
  expect(await verifyTflite(job, context)).toMatchObject({ samples: 0, text: expect.stringMatching(/^Not opened again/) });
});
