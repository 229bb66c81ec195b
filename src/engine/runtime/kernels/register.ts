/**
 * Gradient kernels for the TF.js WASM backend, which alone can't train a convolution and multiplies transposed matrices slowly.
 * They are registered once the backend is ready: its own set-up has bound the WASM module to the kernels that these build on by then.
 */
import * as tf from '@tensorflow/tfjs-core';
// The core registers no gradient functions by itself; the layers package does, in Node and in bundles alike.
import '@tensorflow/tfjs-layers';
import { convolutionFilterGradient, convolutionInputGradient } from './convolution-gradients.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise-gradients.ts';
import { call, type Heap } from './heap.ts';
import { maxPoolGradient } from './max-pool-gradient.ts';

type Inputs<Names extends string> = Readonly<Record<Names, tf.TensorInfo>>;
type Attrs<Kernel extends (...parts: never[]) => unknown> = Parameters<Kernel> extends [...unknown[], infer Last] ? Last : never;

/** Replaces a kernel of the backend; the set-up of the one before stays, for a backend that is started again. */
function replace(kernelName: string, kernelFunc: tf.KernelFunc): void {
  const before = tf.getKernel(kernelName, 'wasm') as tf.KernelConfig | undefined;
  if (before) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...before, kernelName, backendName: 'wasm', kernelFunc });
}

function kernel<Names extends string, Attributes>(
  name: string,
  run: (heap: Heap, inputs: Inputs<Names>, attrs: Attributes) => tf.TensorInfo,
): void {
  replace(name, ({ inputs, backend, attrs }) => run(backend as Heap, inputs as Inputs<Names>, attrs as Attributes));
}

/** Matrix product that transposes first: the backend's own loop over a transposed matrix is 10 to 30 times slower. */
function replaceMatrixProduct(): void {
  const plain = tf.getKernel('BatchMatMul', 'wasm').kernelFunc;
  kernel<'a' | 'b', { transposeA: boolean; transposeB: boolean }>('BatchMatMul', (heap, { a, b }, attrs) => {
    const turn = (x: tf.TensorInfo, transpose: boolean): tf.TensorInfo => {
      const axes = x.shape.map((_, axis) => axis);
      const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
      return transpose ? call(heap, 'Transpose', { x }, { perm }) : call(heap, 'Identity', { x }, {});
    };
    const inputs = { a: turn(a, attrs.transposeA), b: turn(b, attrs.transposeB) };
    const product = plain({ inputs, backend: heap, attrs: { transposeA: false, transposeB: false } });
    heap.disposeData(inputs.a.dataId);
    heap.disposeData(inputs.b.dataId);
    return product as tf.TensorInfo;
  });
}

let registered = false;

/** Gives the WASM backend all gradients that training needs. To be called when the backend `wasm` is ready; a second call does nothing. */
export function registerGradientKernels(): void {
  if (registered) return;
  registered = true;
  replaceMatrixProduct();
  kernel<'dy' | 'filter', Attrs<typeof convolutionInputGradient>>('Conv2DBackpropInput', (heap, { dy, filter }, attrs) =>
    convolutionInputGradient(heap, dy, filter, attrs),
  );
  kernel<'x' | 'dy', Attrs<typeof convolutionFilterGradient>>('Conv2DBackpropFilter', (heap, { x, dy }, attrs) =>
    convolutionFilterGradient(heap, x, dy, attrs),
  );
  kernel<'dy' | 'filter', Attrs<typeof depthwiseInputGradient>>(
    'DepthwiseConv2dNativeBackpropInput',
    (heap, { dy, filter }, attrs) => depthwiseInputGradient(heap, dy, filter, attrs),
  );
  kernel<'x' | 'dy', Attrs<typeof depthwiseFilterGradient>>('DepthwiseConv2dNativeBackpropFilter', (heap, { x, dy }, attrs) =>
    depthwiseFilterGradient(heap, x, dy, attrs),
  );
  kernel<'dy' | 'input', Attrs<typeof maxPoolGradient>>('MaxPoolGrad', (heap, { dy, input }, attrs) =>
    maxPoolGradient(heap, dy, input, attrs),
  );
}
