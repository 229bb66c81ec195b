/** One small net as .tflite, in floats and in whole numbers: what the reader's mutants are bred from. */
import * as schema from '../formats/tflite/schema/schema.ts';
import { createRng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import type { FileSketch, TensorSketch } from './tflite-files.ts';

const seeded = (count: number): number[] => {
  const rng = createRng(13);
  return Array.from({ length: count }, () => rng.normal());
};

/** A convolution, a depthwise one, a sum, pooling, a dense layer and softmax on [4, 4, 2]; as floats or as TFLite's converter quantizes it. */
export function tinyTflite(kind: 'float' | 'int8'): FileSketch {
  const integer = kind === 'int8';
  const value = (shape: readonly number[], scale: number, zeroPoint: number): TensorSketch =>
    integer ? { type: 'INT8', shape, scale: [scale], zeroPoint: [zeroPoint] } : { shape };
  const kernel = (shape: readonly number[], axis: number): TensorSketch => {
    const numbers = seeded(elementCount(shape));
    if (!integer) return { shape, data: Float32Array.from(numbers) };
    const scale = Array.from({ length: shape[axis] ?? 1 }, (_, channel) => Math.fround(0.02 + channel / 100));
    return {
      type: 'INT8',
      shape,
      data: Int8Array.from(numbers, (n) => Math.max(-127, Math.min(127, Math.round(40 * n)))),
      scale,
      axis,
    };
  };
  const bias = (count: number, inputScale: number): TensorSketch => {
    const numbers = seeded(count);
    if (!integer) return { shape: [count], data: Float32Array.from(numbers) };
    const scale = numbers.map((_, channel) => Math.fround(inputScale * Math.fround(0.02 + channel / 100)));
    return { type: 'INT32', shape: [count], data: Int32Array.from(numbers, (n) => Math.round(100 * n)), scale };
  };
  const version = integer ? 3 : 1;
  const none = schema.ActivationFunctionType.NONE;
  const relu = schema.ActivationFunctionType.RELU;
  const same = schema.Padding.SAME;
  const wide = [-1, 4, 4, 3];
  return {
    tensors: {
      image: value([-1, 4, 4, 2], 0.05, 3),
      conv: value(wide, 0.1, -128),
      depthwise: value(wide, 0.2, -5),
      sum: value(wide, 0.25, -10),
      pool: value([-1, 2, 2, 3], 0.25, -10),
      logits: value([-1, 4], 0.5, 8),
      probabilities: value([-1, 4], 1 / 256, -128),
      ck: kernel([3, 3, 3, 2], 0),
      cb: bias(3, 0.05),
      dk: kernel([1, 3, 3, 3], 3),
      db: bias(3, 0.1),
      fk: kernel([4, 12], 0),
      fb: bias(4, 0.25),
    },
    operators: [
      {
        kind: 'CONV_2D',
        version,
        inputs: ['image', 'ck', 'cb'],
        outputs: ['conv'],
        options: (b) => [
          schema.BuiltinOptions.Conv2DOptions,
          schema.Conv2DOptions.createConv2DOptions(b, same, 1, 1, relu, 1, 1),
        ],
      },
      {
        kind: 'DEPTHWISE_CONV_2D',
        version,
        inputs: ['conv', 'dk', 'db'],
        outputs: ['depthwise'],
        options: (b) => [
          schema.BuiltinOptions.DepthwiseConv2DOptions,
          schema.DepthwiseConv2DOptions.createDepthwiseConv2DOptions(b, same, 1, 1, 1, none, 1, 1),
        ],
      },
      {
        kind: 'ADD',
        version: integer ? 2 : 1,
        inputs: ['conv', 'depthwise'],
        outputs: ['sum'],
        options: (b) => [schema.BuiltinOptions.AddOptions, schema.AddOptions.createAddOptions(b, none, true)],
      },
      {
        kind: 'MAX_POOL_2D',
        version: integer ? 2 : 1,
        inputs: ['sum'],
        outputs: ['pool'],
        options: (b) => [
          schema.BuiltinOptions.Pool2DOptions,
          schema.Pool2DOptions.createPool2DOptions(b, same, 2, 2, 2, 2, none),
        ],
      },
      {
        kind: 'FULLY_CONNECTED',
        version: integer ? 4 : 1,
        inputs: ['pool', 'fk', 'fb'],
        outputs: ['logits'],
        options: (b) => [
          schema.BuiltinOptions.FullyConnectedOptions,
          schema.FullyConnectedOptions.createFullyConnectedOptions(b, none, 0, false, false),
        ],
      },
      {
        kind: 'SOFTMAX',
        version: integer ? 2 : 1,
        inputs: ['logits'],
        outputs: ['probabilities'],
        options: (b) => [schema.BuiltinOptions.SoftmaxOptions, schema.SoftmaxOptions.createSoftmaxOptions(b, 1)],
      },
    ],
    inputs: ['image'],
    outputs: ['probabilities'],
  };
}
