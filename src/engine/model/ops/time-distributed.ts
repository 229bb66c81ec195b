/**
 * TimeDistributed: a layer that runs on every step of a sequence by itself, the steps laid behind each other as if they were samples. Its
 * tensors are those of the layer within. What would treat all steps alike anyway is read as that layer (formats/keras/wrappers.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Attrs, Shape } from '../model.ts';
import type { KerasConfig, Op } from '../op.ts';
import { readFields, unsupported } from './config.ts';
import { defineOp, shapeMismatch, single } from './define.ts';

export type TimeDistributedAttrs = { readonly inner: { readonly op: string; readonly attrs: Attrs } };

/** Layers that take several inputs, look at a sequence as a whole, or are stored with more than their tensors. */
const whole =
  /^(LSTM|GRU|SimpleRNN|Bidirectional|TimeDistributed|Masking|Normalization|.*Attention|Add|Subtract|Average|Multiply|Maximum|Minimum|Dot|Concatenate)$/;

/** The input without its steps. */
function step(inputs: readonly Shape[]): readonly [Shape] {
  const input = single(inputs);
  if (input.length > 1) return [input.slice(1)];
  throw shapeMismatch('It takes at least two dimensions besides the batch: steps and features.');
}

/** The registry, which lists this op as well. */
interface Registry {
  opOf(kind: string): Op;
  opForClass(className: string, config: KerasConfig): Op | undefined;
}

export const defineTimeDistributed = ({ opOf, opForClass }: Registry): Op =>
  defineOp<TimeDistributedAttrs>({
    kind: 'TimeDistributed',
    classes: ['TimeDistributed'],
    read(config, place) {
      const { class_name: className, config: own } = (config.layer ?? {}) as KerasConfig;
      if (typeof className !== 'string' || typeof own !== 'object' || own === null)
        throw readFields(config, place).malformed('layer', 'a layer with its configuration');
      const op = opForClass(className, own as KerasConfig);
      if (op === undefined || whole.test(op.kind)) {
        const remedy =
          'Put a layer there that takes one step (Conv2D, a pooling, Flatten …) in Keras, copy the weights over and save again.';
        throw unsupported(place, `the layer ${className.slice(0, 80)} inside`, 'It is not run step by step here.', remedy);
      }
      return { inner: { op: op.kind, attrs: op.read(own as KerasConfig, { ...place, className }) } };
    },
    write({ inner }) {
      const { className, config } = opOf(inner.op).write(inner.attrs);
      return { className: 'TimeDistributed', config: { layer: { class_name: className, config: { name: 'step', ...config } } } };
    },
    cannotWrite: ({ inner }, inputs) => opOf(inner.op).cannotWrite?.(inner.attrs, step(inputs)),
    slots: ({ inner }, inputs) => opOf(inner.op).slots(inner.attrs, step(inputs)),
    shape: ({ inner }, inputs) => [single(inputs)[0] ?? null, ...opOf(inner.op).shape(inner.attrs, step(inputs))],
    macs: ({ inner }, inputs, output) =>
      (single(inputs)[0] ?? Number.NaN) * opOf(inner.op).macs(inner.attrs, step(inputs), output.slice(1)),
    channels({ inner }, inputs, output) {
      const flow = opOf(inner.op).channels?.(inner.attrs, step(inputs), output.slice(1));
      const { resized } = flow ?? {};
      if (flow === undefined || resized === undefined) return flow;
      return { ...flow, resized: (channels) => ({ inner: { op: inner.op, attrs: resized(channels) } }) };
    },
    forward({ inputs, attrs: { inner }, ...call }) {
      const x = single(inputs);
      const [batch = 1, steps = 1, ...rest] = x.shape;
      const y = opOf(inner.op).forward({ ...call, inputs: [tf.reshape(x, [batch * steps, ...rest])], attrs: inner.attrs });
      return tf.reshape(y, [batch, steps, ...y.shape.slice(1)]);
    },
  });
