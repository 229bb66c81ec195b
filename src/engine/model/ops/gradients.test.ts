/** Gradients of layers with respect to inputs and stored tensors against central differences along a random direction. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { noise } from '../../testing/small-model.ts';
import { caseInputs, caseModel, type OpCase, opCases } from './cases.ts';
import { opOf } from './index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const judged = opCases.filter(
  ({ className, name }) =>
    /^(EinsumDense|MultiHeadAttention|GroupQueryAttention|Attention|AdditiveAttention)$/.test(className) &&
    !name.includes('relu'),
);

/** A case's loss Σ y·r as a function of all tensors that it is given. */
function lossOf(opCase: OpCase) {
  const [node] = caseModel(opCase).nodes;
  if (node === undefined) throw new Error('A case has one layer.');
  const stored = Object.entries(node.weights).map(([role, id]) => ({ role, weight: caseModel(opCase).weights.get(id) }));
  const given = caseInputs(opCase).map((values, i) => ({ values, shape: [2, ...(opCase.inputs[i] ?? [])] }));
  const start = [
    ...given,
    ...stored.map(({ weight }) => ({ values: weight?.values ?? new Float32Array(), shape: [...(weight?.shape ?? [])] })),
  ];
  const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
    const weights = Object.fromEntries(stored.map(({ role }, i) => [role, tensors[given.length + i]]));
    const y = opOf(node.op).forward({ inputs: tensors.slice(0, given.length), attrs: node.attrs, weights, training: true });
    return tf.sum(tf.mul(y, tf.tensor(noise(y.size, 5), y.shape)));
  };
  return { start, loss };
}

it.each(judged)('$name', (opCase) => {
  const { start, loss } = lossOf(opCase);
  // Smaller numbers than the case's own keep softmaxes away from their corners.
  const values = start.map((tensor) => tensor.values.map((value) => value / 3));
  const tensors = (all: readonly Float32Array[]) => all.map((own, i) => tf.tensor(own, start[i]?.shape));
  const slopes = tf.tidy(() =>
    tf
      .grads(loss)(tensors(values))
      .map((slope) => slope.dataSync()),
  );
  for (const [which, own] of values.entries()) {
    const direction = noise(own.length, 11 + which);
    const along = (step: number) => {
      const moved = values.map((other, i) =>
        i === which ? other.map((value, at) => value + step * (direction[at] ?? 0)) : other,
      );
      return tf.tidy(() => loss(...tensors(moved)).dataSync()[0] as number);
    };
    const expected = (along(0.01) - along(-0.01)) / 0.02;
    const found = direction.reduce((sum, step, at) => sum + step * (slopes[which]?.[at] ?? Number.NaN), 0);
    expect(Math.abs(found - expected), `tensor ${which}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected)));
  }
});
