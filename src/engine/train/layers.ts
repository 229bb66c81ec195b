/**
 * Convolution and dense layers while training: bias and rectifier stay in the forward kernel, and their gradient is one pass,
 *
 *   y = relu(x ∗ w + b),   ∂z = ∂y · [y > 0],   ∂b = Σ ∂z,   ∂w and ∂x as ever from ∂z
 *
 * where TF.js would run each by itself once gradients are asked for. The input gradient of a layer before which nothing is trained is
 * never computed. Undefined for every other layer: those take their op's own way.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '../model/model.ts';
import { clampGradient } from '../runtime/clamp-gradient.ts';

type Roles = Readonly<Record<string, tf.Tensor | undefined>>;

/** A layer before its gradient: what it computes, and the gradients of what it computes before its bias. */
interface Layer {
  forward(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor;
  inputGradient(slope: tf.Tensor, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor;
  kernelGradient(slope: tf.Tensor, x: tf.Tensor, kernel: tf.Tensor): tf.Tensor;
}

/** A kernel of the backend, which fuses even while gradients are recorded. */
function run(name: string, inputs: object, attrs: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor;
}

function layerOf(node: Node, rank: number): Layer | undefined {
  const { activation } = node.attrs;
  if (activation !== 'relu' && activation !== 'linear') return undefined;
  if (node.op === 'Dense' && rank === 2) {
    return {
      forward: (a, b, bias) => {
        // The kernel multiplies stacks of matrices.
        const inputs = { a: tf.expandDims(a), b: tf.expandDims(b), bias };
        return tf.squeeze(run('_FusedMatMul', inputs, { transposeA: false, transposeB: false, activation }), [0]);
      },
      inputGradient: (slope, _x, kernel) => tf.matMul(slope, kernel, false, true),
      kernelGradient: (slope, x) => tf.matMul(x, slope, true, false),
    };
  }
  const { strides, padding, dilation } = node.attrs as { strides: number[]; padding: 'same' | 'valid'; dilation: number[] };
  if (node.op !== 'Conv2D' || dilation.some((step) => step !== 1)) return undefined;
  const attrs = { strides, pad: padding, dataFormat: 'NHWC' };
  return {
    forward: (x, filter, bias) => run('FusedConv2D', { x, filter, bias }, { ...attrs, dilations: [1, 1], activation }),
    inputGradient: (dy, x, filter) => run('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape }),
    kernelGradient: (dy, x, filter) => run('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape }),
  };
}

/** A Conv2D or Dense layer on the tape; `inner` says whether the gradient of its input is wanted. */
export function biasedLayer(node: Node, inputs: readonly tf.Tensor[], roles: Roles, inner: boolean): tf.Tensor | undefined {
  const { kernel, bias } = roles;
  const [x] = inputs;
  if (x === undefined || kernel === undefined) return undefined;
  const layer = layerOf(node, x.rank);
  if (layer === undefined) return undefined;
  const variables = [...(inner ? [x] : []), kernel, ...(bias === undefined ? [] : [bias])];
  const onTape = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const y = layer.forward(x, kernel, bias);
    save([x, kernel, y]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input, weights, output] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const slope = node.attrs.activation === 'relu' ? (clampGradient(dy, output, 'relu') ?? tf.mul(dy, tf.step(output))) : dy;
      return [
        ...(inner ? [layer.inputGradient(slope, input, weights)] : []),
        layer.kernelGradient(slope, input, weights),
        ...(bias === undefined ? [] : [tf.sum(slope, [...slope.shape.keys()].slice(0, -1))]),
      ];
    };
    return { value: y, gradFunc };
  });
  return onTape(...variables);
}
