/**
 * int16x8 files, int8 weights and 16-bit activations, in Google's interpreter against the executor. The kernels round twice, by tables or by
 * multipliers of fewer bits, where the executor rounds once: they agree within four of 32,767 steps.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { stepsOf } from '../../../model/activation-grid.ts';
import type { Model } from '../../../model/model.ts';
import { caseInputs, caseModel, opCases } from '../../../model/ops/cases.ts';
import { createPredictor } from '../../../runtime/executor.ts';
import { calibrated, kernelsOnGrid } from '../../../testing/calibrated.ts';
import { noise, onGrid, smallModel } from '../../../testing/small-model.ts';
import { openTflite } from '../../../testing/tflite-interpreter.ts';
import { planFile } from './plan.ts';
import { serialize } from './serialize.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The largest difference of the first output, in steps. */
async function steps(model: Model, inputs: readonly Float32Array[]): Promise<number> {
  const interpreter = await openTflite(serialize(planFile(model, { precision: 'encoded' }).file));
  const [found] = interpreter.run(inputs);
  interpreter.dispose();
  const predictor = await createPredictor(model);
  const [expected = new Float32Array()] = await predictor.predict(inputs, 1);
  predictor.dispose();
  const { scale } = stepsOf(model.activations?.get(model.outputs[0] ?? '') ?? { min: 0, max: 1, bits: 16 });
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found?.[i] ?? Number.NaN)) / scale), 0);
}

const firstOfEach = opCases.filter(({ className }, at) => opCases.findIndex((other) => other.className === className) === at);

it.each(firstOfEach)('$name', async (opCase) => {
  const inputs = caseInputs(opCase);
  const model = await calibrated(kernelsOnGrid(caseModel(opCase)), inputs, 2, 16);
  expect(
    await steps(
      model,
      inputs.map((all) => all.subarray(0, all.length / 2)),
    ),
  ).toBeLessThan(4.01);
});

it('a dense layer with one scale', async () => {
  const net = onGrid(smallModel({ x: [9] }, [{ name: 'fc', op: 'Dense', config: { units: 4 } }]), 'fc/kernel', {
    bits: 8,
    axis: null,
    symmetric: true,
  });
  const input = noise(9);
  const model = await calibrated(net, [input], 1, 16);
  expect(await steps(model, [input])).toBeLessThan(4);
  expect(planFile(model, { precision: 'encoded' })).toMatchObject({ kind: 'int16x8', floatLayers: [] });
  expect(() => planFile(model, { precision: 'encoded', tflite: { kind: 'int8' } })).toThrow(
    'has 16 bits; this kind of file has 8',
  );
});
