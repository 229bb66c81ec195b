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
import { type SegmentAttrs, segmentSum } from './segment-sum.ts';
import { type SumAttrs, sumOfLeadingAxes, sumsLeadingAxes } from './sum.ts';

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
  kernel<'a' | 'b', { transposeA: boolean; transposeB: boolean }>('BatchMatMul', (heap, { a, b }, { transposeA, transposeB }) => {
    const inputs = { a: transposeA ? transposed(heap, a) : a, b: transposeB ? transposed(heap, b) : b };
    const product = plain({ inputs, backend: heap, attrs: { transposeA: false, transposeB: false } });
    if (transposeA) heap.disposeData(inputs.a.dataId);
    if (transposeB) heap.disposeData(inputs.b.dataId);
    return product as tf.TensorInfo;
  });
}

/** The last two axes swapped. */
function transposed(heap: Heap, x: tf.TensorInfo): tf.TensorInfo {
  const axes = x.shape.map((_, axis) => axis);
  return call(heap, 'Transpose', { x }, { perm: [...axes.slice(0, -2), ...axes.slice(-2).reverse()] });
}

/** Sums over a batch, and casts that change nothing: gradients are full of both. */
function replaceSumAndCast(): void {
  const [sum, cast] = [tf.getKernel('Sum', 'wasm').kernelFunc, tf.getKernel('Cast', 'wasm').kernelFunc];
  kernel<'x', SumAttrs>('Sum', (heap, { x }, attrs) =>
    sumsLeadingAxes(x, attrs)
      ? sumOfLeadingAxes(heap, x, attrs)
      : (sum({ inputs: { x }, backend: heap, attrs: attrs as unknown as tf.NamedAttrMap }) as tf.TensorInfo),
  );
  // The backend copies even where the type stays; a reshape shares the data.
  kernel<'x', { readonly dtype: tf.DataType }>('Cast', (heap, { x }, attrs) =>
    x.dtype === attrs.dtype
      ? call(heap, 'Reshape', { x }, { shape: x.shape })
      : (cast({ inputs: { x }, backend: heap, attrs }) as tf.TensorInfo),
  );
}

let registered = false;

/** Gives the WASM backend all gradients that training needs. To be called when the backend `wasm` is ready; a second call does nothing. */
export function registerGradientKernels(): void {
  if (registered) return;
  registered = true;
  replaceMatrixProduct();
  replaceSumAndCast();
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
  kernel<'x' | 'segmentIds', SegmentAttrs>('UnsortedSegmentSum', (heap, { x, segmentIds }, attrs) =>
    segmentSum(heap, x, segmentIds, attrs),
  );
  kernel<'dy' | 'input', Attrs<typeof maxPoolGradient>>('MaxPoolGrad', (heap, { dy, input }, attrs) =>
    maxPoolGradient(heap, dy, input, attrs),
  );
}
