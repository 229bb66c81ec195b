/**
 * The gradient of every op on the backend `simd` as training takes it, along a random direction of its inputs and weights together: against
 * central differences of the forward pass, and against TF.js' CPU backend running the op's plain definition.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { caseInputs, caseModel, type OpCase, opCases } from '../model/ops/cases.ts';
import { opOf } from '../model/ops/index.ts';
import { startBackend } from '../runtime/backends.ts';
import { requireGradients } from './backend.ts';
import { biasedLayer } from './layers.ts';
import { spatialLayer, withoutGradient } from './spatial.ts';

beforeAll(async () => {
  await startBackend('simd');
  await requireGradients();
});

/** Random layers have no gradient to compare; normalization has its own test. */
const random = ['Dropout', 'SpatialDropout2D', 'GaussianNoise', 'GaussianDropout', 'BatchNormalization'];
const possible = (opCase: OpCase) => caseModel(opCase).nodes.every((node) => withoutGradient(node) === undefined);
const cases = opCases.filter((opCase) => !random.includes(opCase.className) && possible(opCase));
/** Where TF.js' own gradient is wrong. */
const mistaken = ['AveragePooling1D', 'AveragePooling2D', 'UpSampling2D'];

function problem(opCase: OpCase) {
  const model = caseModel(opCase);
  const [node] = model.nodes;
  if (node === undefined) throw new Error('A case has one layer.');
  const roles = Object.entries(node.weights).filter(([role]) => !role.startsWith('moving'));
  const values = [...caseInputs(opCase), ...roles.map(([, id]) => model.weights.get(id)?.values ?? new Float32Array())];
  const shapes = [
    ...opCase.inputs.map((shape) => [2, ...shape]),
    ...roles.map(([, id]) => [...(model.weights.get(id)?.shape ?? [])]),
  ];
  const count = opCase.inputs.length;
  const rng = createRng(5);
  // Numbers of rows and marks of steps are choices: nothing changes between them.
  const fixed = { Embedding: 0, LSTM: 1, GRU: 1 }[opCase.className];
  const directions = values.map((array, i) => Float32Array.from(array, () => (i === fixed && i < count ? 0 : rng.normal())));
  /** Σ y · r: a number that every element of y has its own part in. */
  const loss = (tensors: readonly tf.Tensor[], plain: boolean): tf.Scalar => {
    const weights = Object.fromEntries(roles.map(([role], i) => [role, tensors[count + i]]));
    const inputs = tensors.slice(0, count);
    const y =
      (plain ? undefined : (biasedLayer(node, inputs, weights, true) ?? spatialLayer(node, inputs))) ??
      opOf(node.op).forward({ inputs, attrs: node.attrs, weights, training: true });
    const factors = Float32Array.from({ length: y.size }, (_, i) => Math.sin(1 + 1.7 * i));
    return tf.sum(tf.mul(y, tf.tensor(factors, y.shape)));
  };
  const at = (step: number): tf.Tensor[] =>
    values.map((array, i) =>
      tf.tensor(
        array.map((value, j) => value + step * (directions[i]?.[j] as number)),
        shapes[i],
      ),
    );
  /** Σ gradient · direction. */
  const slope = (plain: boolean): number =>
    tf.tidy(() => {
      const gradients = tf.grads((...tensors: tf.Tensor[]) => loss(tensors, plain))(at(0));
      const parts = gradients.map((gradient, i) => tf.sum(tf.mul(gradient, tf.tensor(directions[i] ?? [], shapes[i]))));
      return tf.addN(parts).dataSync()[0] as number;
    });
  const difference = (step: number): number =>
    tf.tidy(() => {
      const [up, down] = [loss(at(step), true), loss(at(-step), true)].map((value) => value.dataSync()[0] as number);
      return ((up as number) - (down as number)) / (2 * step);
    });
  return { slope, difference };
}

it.each(cases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_, opCase) => {
  const { slope, difference } = problem(opCase);
  await tf.setBackend('cpu');
  const plain = slope(true);
  await tf.setBackend('simd');
  const own = slope(false);
  const size = Math.max(1, Math.abs(plain));
  if (!mistaken.includes(opCase.className)) expect(Math.abs(own - plain) / size).toBeLessThan(1e-4);
  expect(Math.abs(own - difference(0.002)) / size).toBeLessThan(0.04);
});

it('names what has no gradient: dilated convolutions, and averages beyond a volume', () => {
  const reasons = opCases.flatMap((opCase) => caseModel(opCase).nodes.flatMap((node) => withoutGradient(node) ?? []));
  expect(reasons).toHaveLength(8);
  expect(new Set(reasons.map((reason) => reason.replace(/"layer"/, '…')))).toEqual(
    new Set([
      'TF.js has no gradient for the dilated convolution ….',
      'TF.js has no right gradient for the average pooling …, whose windows reach beyond the volume.',
    ]),
  );
});
