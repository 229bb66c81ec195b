/** Dense: y = act(x · kernel + bias) along the last axis; leading axes are treated as more samples. */
import * as tf from '@tensorflow/tfjs-core';
import {
  type ActivationName,
  activationProblem,
  applyActivation,
  readActivation,
  splitActivation,
  stockActivation,
} from './activations.ts';
import { kernelAxes, made } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, elements, knownSize, shapeMismatch, single, tensorOf } from './define.ts';

export type DenseAttrs = { readonly units: number; readonly useBias: boolean; readonly activation: ActivationName };

export const dense = defineOp<DenseAttrs>({
  kind: 'Dense',
  classes: ['Dense'],
  read(config, place) {
    const field = readFields(config, place);
    field.requireOnly(
      'lora_rank',
      null,
      'Its kernel is split into low-rank factors.',
      'Call `merge_lora()` in Keras and save again.',
    );
    return { units: field.integer('units'), useBias: field.flag('use_bias', true), activation: readActivation(field) };
  },
  write: ({ units, useBias, activation }) => ({
    className: 'Dense',
    config: { units, use_bias: useBias, activation: stockActivation(activation) },
  }),
  cannotWrite: ({ activation }) => activationProblem(activation),
  slots({ units, useBias }, inputs) {
    return [
      { role: 'kernel', shape: [knownSize(single(inputs), -1), units], channelAxis: 1, kind: 'kernel' },
      ...(useBias ? [{ role: 'bias', shape: [units], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape({ units }, inputs) {
    const input = single(inputs);
    if (input.length === 0) throw shapeMismatch('It takes at least one dimension besides the batch.');
    knownSize(input, -1);
    return [...input.slice(0, -1), units];
  },
  macs: (_attrs, inputs, output) => elements(output) * knownSize(single(inputs), -1),
  channels: (attrs) => made(kernelAxes('kernel', 0), attrs.activation, (units) => ({ ...attrs, units })),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs);
    const kernel = tensorOf(weights, 'kernel') as tf.Tensor2D;
    const { fused, after } = splitActivation(attrs.activation);
    const y = tf.fused.matMul({
      a: x.rank === 2 ? x : tf.reshape(x, [-1, kernel.shape[0]]),
      b: kernel,
      ...(weights.bias === undefined ? {} : { bias: weights.bias }),
      activation: fused,
    });
    const shaped = x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), kernel.shape[1]]);
    return after === null ? shaped : applyActivation(shaped, after);
  },
});
