/**
 * Steps of LSTM and GRU with logistic gates and tanh between their matrix products, each one kernel forward and one backward, where the backend
 * has them. p is what the input gave, q what the state gave, both before the gates; formulas and order of gates are those of `recurrent-cells.ts`.
 */
import * as tf from '@tensorflow/tfjs-core';

type Named = Readonly<Record<string, tf.Tensor>>;

const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;
const run = (name: string, inputs: Named) =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, {}) as unknown as tf.Tensor[];

/** The next h and c of an LSTM; undefined where the backend has no kernel for it. */
export function lstmStep(p: tf.Tensor2D, q: tf.Tensor2D, c: tf.Tensor2D): tf.Tensor2D[] | undefined {
  return hasKernel('LstmStep') ? (run('LstmStep', { p, q, c }) as tf.Tensor2D[]) : undefined;
}

/** The next h of a GRU whose reset gate stands behind the product; undefined where the backend has no kernel for it. */
export function gruStep(p: tf.Tensor2D, q: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D[] | undefined {
  return hasKernel('GruStep') ? (run('GruStep', { p, q, h }) as tf.Tensor2D[]) : undefined;
}

tf.registerGradient({
  kernelName: 'LstmStep',
  inputsToSave: ['p', 'q', 'c'],
  gradFunc(slopes, saved) {
    const [[p, q, c], [dh, dc]] = [saved, slopes] as [[tf.Tensor, tf.Tensor, tf.Tensor], [tf.Tensor, tf.Tensor]];
    const [dp, before] = run('LstmStepGradient', { p, q, c, dh, dc }) as [tf.Tensor, tf.Tensor];
    // A tensor of its own for each, because a sum of slopes takes its terms over.
    return { p: () => dp, q: () => tf.clone(dp), c: () => before };
  },
});

tf.registerGradient({
  kernelName: 'GruStep',
  inputsToSave: ['p', 'q', 'h'],
  gradFunc(slope, saved) {
    const [p, q, h] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const dh = (Array.isArray(slope) ? slope[0] : slope) as tf.Tensor;
    const [dp, dq, before] = run('GruStepGradient', { p, q, h, dh }) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { p: () => dp, q: () => dq, h: () => before };
  },
});
