/**
 * Operators with kernels. TFLite lays them out with outputs first: OHWI for convolutions, 1HW(C·M) for depthwise ones, OI for dense
 * layers; Keras last: HWIO, HWCM, IO.
 */
import { axisStride, type Encoding, float32 } from '../../../model/encoding.ts';
import type { Weight } from '../../../model/model.ts';
import { type Call, fusedActivation, paddingOf } from '../call.ts';
import { permuted } from '../constants.ts';
import type { Flow, LaidOut, Value } from '../graph.ts';
import {
  BatchMatMulOptions,
  BuiltinOptions,
  Conv2DOptions,
  DepthwiseConv2DOptions,
  FullyConnectedOptions,
  FullyConnectedOptionsWeightsFormat,
  GatherOptions,
  TransposeConvOptions,
} from '../schema/schema.ts';
import { matrices } from './functions.ts';

function bias(call: Call, place: number): Readonly<Record<string, LaidOut>> {
  if (!call.has(place)) return {};
  return { bias: call.weight(place, 'vector', (weight) => ({ ...weight, shape: [weight.values.length] })) };
}

/** The settings that convolutions and depthwise ones share. */
const windowed = (call: Call, options: Conv2DOptions | DepthwiseConv2DOptions, height: number, width: number) => ({
  kernel_size: [height, width],
  strides: [options.strideH(), options.strideW()],
  dilation_rate: [options.dilationHFactor(), options.dilationWFactor()],
  padding: paddingOf(call, options.padding()),
  use_bias: call.has(2),
  activation: fusedActivation(call, options.fusedActivationFunction()),
});

export function convolution(call: Call): Flow {
  const options = call.options(BuiltinOptions.Conv2DOptions, new Conv2DOptions());
  const input = call.flow(0);
  const [filters = 0, height = 0, width = 0, channels = 0] = call.tensor(1).shape;
  const groups = (input.shape[2] ?? 0) / channels;
  if (!Number.isInteger(groups) || groups < 1) throw call.refuse(`Its kernel takes ${channels} of ${input.shape[2]} channels.`);
  const config = { filters, ...windowed(call, options, height, width) };
  const kernel = call.weight(1, 'HWIO', (weight) => permuted(weight, [1, 2, 3, 0]));
  const roles = { kernel, ...bias(call, 2) };
  return groups === 1
    ? call.add('Conv2D', config, [input], roles)
    : call.add('GroupedConv2D', { ...config, groups }, [input], roles);
}

/** TRANSPOSE_CONV: the size of the output, the kernel [out, height, width, in] and then the input. */
export function transposedConvolution(call: Call): Flow {
  const options = call.options(BuiltinOptions.TransposeConvOptions, new TransposeConvOptions());
  const [filters = 0, height = 0, width = 0] = call.tensor(1).shape;
  const config = {
    filters,
    kernel_size: [height, width],
    strides: [options.strideH(), options.strideW()],
    padding: paddingOf(call, options.padding()),
    use_bias: call.has(3),
    activation: fusedActivation(call, options.fusedActivationFunction()),
  };
  const kernel = call.weight(1, 'HWOI', (weight) => permuted(weight, [1, 2, 0, 3]));
  const y = call.add('Conv2DTranspose', config, [call.flow(2)], { kernel, ...bias(call, 3) });
  if (y.shape.join() === call.sample().join()) return y;
  throw call.refuse(`It makes [${call.sample().join(', ')}], and a transposed convolution in Keras [${y.shape.join(', ')}].`);
}

export function depthwiseConvolution(call: Call): Flow {
  const options = call.options(BuiltinOptions.DepthwiseConv2DOptions, new DepthwiseConv2DOptions());
  const input = call.flow(0);
  const channels = input.shape[2] ?? 0;
  const [, height = 0, width = 0, outputs = 0] = call.tensor(1).shape;
  const multiplier = outputs / channels;
  if (!Number.isInteger(multiplier)) throw call.refuse(`It makes ${outputs} channels of ${channels}.`);
  const config = { depth_multiplier: multiplier, ...windowed(call, options, height, width) };
  const kernel = call.weight(1, `HWCM ${channels}`, (weight) => splitChannels(call, weight, channels, multiplier));
  return call.add('DepthwiseConv2D', config, [input], { depthwise_kernel: kernel, ...bias(call, 2) });
}

/**
 * [1, h, w, c·m] as [h, w, c, m]: the same order, hence the same codes. Scales per output channel stay where one axis counts them; with
 * several filters per channel none does, and only values are kept.
 */
function splitChannels(call: Call, weight: Weight, channels: number, multiplier: number): Weight {
  const [, height = 0, width = 0] = weight.shape;
  const shape = [height, width, channels, multiplier];
  const { encoding } = weight;
  if (encoding.kind !== 'affine' || encoding.axis === null) return { ...weight, shape };
  if (encoding.axis === 3 && (channels === 1 || multiplier === 1)) {
    return { ...weight, shape, encoding: { ...encoding, axis: multiplier === 1 ? 2 : 3 } };
  }
  call.note('TFLITE_DEPTHWISE_CODES');
  return { ...weight, shape, encoding: float32 };
}

/** A dense layer; without bias it makes zeros of zeros, which is how the state of an unrolled recurrent layer begins. */
export function fullyConnected(call: Call): Value {
  const options = call.options(BuiltinOptions.FullyConnectedOptions, new FullyConnectedOptions());
  if (options.weightsFormat() !== FullyConnectedOptionsWeightsFormat.DEFAULT)
    throw call.refuse('Its weights are shuffled for one processor.');
  const activation = fusedActivation(call, options.fusedActivationFunction());
  if (call.uniform(0) === 0 && !call.has(2)) return { kind: 'uniform', value: 0 };
  const [units = 0, depth = 0] = call.tensor(1).shape;
  const input = flattened(call, call.flow(0), depth, options.keepNumDims());
  const kernel = call.weight(1, 'IO', (weight) => permuted(weight, [1, 0]));
  return call.add('Dense', { units, use_bias: call.has(2), activation }, [input], { kernel, ...bias(call, 2) });
}

/** FULLY_CONNECTED takes rows of `depth` numbers; a sample must be one row, or keep its axes. */
function flattened(call: Call, input: Flow, depth: number, keepsAxes: boolean): Flow {
  if (input.shape.length === 1 || (keepsAxes && input.shape.at(-1) === depth)) return input;
  const size = input.shape.reduce<number>((product, axis) => product * (axis ?? Number.NaN), 1);
  if (size === depth) return call.add('Flatten', {}, [input], {}, 'flatten');
  throw call.refuse(`It makes rows of ${depth} numbers of samples of [${input.shape.join(', ')}], several of each sample.`);
}

/** BATCH_MATMUL with a stored matrix is a dense layer; of two values it stays what it is. */
export function matrixProduct(call: Call): Flow {
  const options = call.options(BuiltinOptions.BatchMatMulOptions, new BatchMatMulOptions());
  const { shape } = call.tensor(1);
  const isStored = call.value(1).kind === 'constant' && call.value(0).kind === 'flow';
  if (!isStored || options.adjX() || shape.slice(0, -2).some((size) => size !== 1)) return matrices(call);
  const [depth = 0, units = 0] = options.adjY() ? shape.slice(-2).reverse() : shape.slice(-2);
  const kernel = call.weight(1, options.adjY() ? 'matrix IO' : 'matrix', (weight) => {
    const matrix = { ...weight, shape: weight.shape.slice(-2), encoding: matrixEncoding(weight) };
    return options.adjY() ? permuted(matrix, [1, 0]) : matrix;
  });
  if (call.flow(0).shape.at(-1) !== depth)
    throw call.refuse(`Its matrix takes ${depth} numbers of [${call.flow(0).shape.join(', ')}].`);
  return call.add('Dense', { units, use_bias: false, activation: 'linear' }, [call.flow(0)], { kernel });
}

function matrixEncoding({ encoding, shape }: Weight): Encoding {
  if (encoding.kind !== 'affine' || encoding.axis === null) return encoding;
  const axis = encoding.axis - (shape.length - 2);
  return axis >= 0 && axisStride(shape, encoding.axis) > 0 ? { ...encoding, axis } : float32;
}

/** GATHER of rows of a stored table. */
export function gather(call: Call): Flow {
  const options = call.options(BuiltinOptions.GatherOptions, new GatherOptions());
  const { shape } = call.tensor(0);
  if (options.axis() !== 0 || options.batchDims() !== 0 || shape.length !== 2)
    throw call.refuse('It gathers something other than rows of a table.');
  const [inputDim = 1, outputDim = 1] = shape;
  const embeddings = call.weight(0, 'rows', (weight) => weight);
  return call.add('Embedding', { input_dim: inputDim, output_dim: outputDim }, [call.flow(1)], { embeddings });
}
