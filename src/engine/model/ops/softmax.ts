/** The Softmax layer: e^(x − max) / Σ e^(x − max) along one axis. Stock TF.js refuses any axis but the last. */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { axisOf, defineOp, single } from './define.ts';

export type SoftmaxAttrs = {
  /** Counts the batch; −1 is the last. */
  readonly axis: number;
};

export const softmax = defineOp<SoftmaxAttrs>({
  kind: 'Softmax',
  classes: ['Softmax'],
  read: (config, place) => ({ axis: readFields(config, place).axis('axis', -1) }),
  write: ({ axis }) => ({ className: 'Softmax', config: { axis } }),
  cannotWrite({ axis }, inputs) {
    const rank = single(inputs).length + 1;
    return axisOf(axis, rank) === rank - 1 ? undefined : 'stock TF.js computes a softmax only along the last axis';
  },
  shape({ axis }, inputs) {
    const input = single(inputs);
    axisOf(axis, input.length + 1);
    return input;
  },
  channels({ axis }, inputs) {
    const rank = single(inputs).length + 1;
    return axisOf(axis, rank) === rank - 1 ? { ...passed(inputs), keeps: [{ of: 'output', reason: 'softmax' }] } : passed(inputs);
  },
  forward({ inputs, attrs }) {
    const x = single(inputs);
    const axis = axisOf(attrs.axis, x.rank);
    if (axis === x.rank - 1) return tf.softmax(x);
    const exponentials = tf.exp(tf.sub(x, tf.max(x, axis, true)));
    return tf.div(exponentials, tf.sum(exponentials, axis, true));
  },
});
