/** Gradients that TF.js composes of several operations where this backend has one. Other backends keep TF.js' own. */
import * as tf from '@tensorflow/tfjs-core';
import { clampGradient } from '../../clamp-gradient.ts';

type Slope = (dy: tf.Tensor, saved: tf.Tensor, attrs: tf.NamedAttrMap) => tf.Tensor | undefined;

/** What takes the place of TF.js' gradient of a function of one tensor; undefined leaves it to that. */
function replace(kernelName: string, slope: Slope): void {
  const before = tf.getGradient(kernelName);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...before,
    gradFunc(dy, saved, attrs) {
      const own = tf.getKernel('ReluGradient', tf.getBackend())
        ? slope(dy as tf.Tensor, saved[0] as tf.Tensor, attrs)
        : undefined;
      return own === undefined ? before.gradFunc(dy, saved, attrs) : { x: () => own };
    },
  });
}

/** dy over the places that were reduced to one, where TF.js multiplies with a tensor of ones. */
function spread(dy: tf.Tensor, x: tf.Tensor, { axis }: tf.NamedAttrMap, divides: boolean): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis as number[], x.shape);
  const shape = x.shape.map((size, at) => (axes.includes(at) ? 1 : size));
  const share = divides ? tf.div(dy, x.size / dy.size) : dy;
  return tf.broadcastTo(tf.reshape(share, shape), x.shape);
}

/** On a bound of relu6 nothing passes, where TF.js lets 6 itself through. */
export function registerGradients(): void {
  replace('Relu', (dy, x) => clampGradient(dy, x, 'relu'));
  replace('Relu6', (dy, x) => clampGradient(dy, x, 'relu6'));
  for (const name of ['Sigmoid', 'Tanh']) {
    const run = (dy: tf.Tensor, y: tf.Tensor) =>
      tf.engine().runKernel(`${name}Gradient`, { dy, y } as unknown as tf.NamedTensorMap);
    replace(name, (dy, y) => run(dy, y) as tf.Tensor);
  }
  replace('Sum', (dy, x, attrs) => spread(dy, x, attrs, false));
  replace('Mean', (dy, x, attrs) => spread(dy, x, attrs, true));
}
