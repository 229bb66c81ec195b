/** The parameters of operators, as plain records, and how each stands in the file. */
import type { Builder, Offset } from 'flatbuffers';
import * as schema from '../schema/schema.ts';

export type Pair = readonly [number, number];
/** Activations that an operator applies itself. */
export type Fused = 'NONE' | 'RELU' | 'RELU6';
export type FilePadding = 'SAME' | 'VALID';

/** What 2-D windows have; pairs are [vertical, horizontal]. */
interface Windowed {
  readonly padding: FilePadding;
  readonly strides: Pair;
  readonly fused: Fused;
}

export type Options =
  | (Windowed & { readonly table: 'Conv2DOptions'; readonly dilation: Pair })
  | (Windowed & { readonly table: 'DepthwiseConv2DOptions'; readonly dilation: Pair; readonly multiplier: number })
  | { readonly table: 'TransposeConvOptions'; readonly padding: FilePadding; readonly strides: Pair }
  | (Windowed & { readonly table: 'Pool2DOptions'; readonly size: Pair })
  | {
      readonly table: 'FullyConnectedOptions';
      readonly fused: Fused;
      readonly keepDims: boolean;
      /** How a float input is quantized where only the weights are integers. */
      readonly asymmetricInputs: boolean;
    }
  | { readonly table: 'UnidirectionalSequenceLSTMOptions'; readonly asymmetricInputs: boolean }
  | { readonly table: 'AddOptions' | 'SubOptions' | 'MulOptions' | 'DivOptions'; readonly fused: Fused }
  | { readonly table: 'ConcatenationOptions'; readonly axis: number }
  | { readonly table: 'ReshapeOptions'; readonly shape: readonly number[] }
  | { readonly table: 'ReducerOptions'; readonly keepDims: boolean }
  | { readonly table: 'LeakyReluOptions'; readonly alpha: number }
  | { readonly table: 'CastOptions'; readonly from: 'FLOAT32' | 'INT32'; readonly to: 'FLOAT32' | 'INT32' }
  /** Along the first axis. */
  | { readonly table: 'GatherOptions' }
  /** Axes where it goes from the first to the last, whatever its operands say: a bit each. */
  | { readonly table: 'StridedSliceOptions'; readonly whole: number }
  | { readonly table: 'GeluOptions'; readonly approximate: boolean }
  | { readonly table: 'BatchMatMulOptions'; readonly adjX?: boolean; readonly adjY: boolean }
  | { readonly table: 'SoftmaxOptions' | 'L2NormOptions' | 'ResizeBilinearOptions' | 'ResizeNearestNeighborOptions' }
  | { readonly table: (typeof empty)[number] };

const empty = [
  'PadOptions',
  'TransposeOptions',
  'ExpOptions',
  'LogSoftmaxOptions',
  'MaximumMinimumOptions',
  'NegOptions',
  'AbsOptions',
  'SelectV2Options',
  'QuantizeOptions',
  'DequantizeOptions',
  'HardSwishOptions',
] as const;

/** Writes the table of an operator's parameters; its type is `schema.BuiltinOptions[options.table]`. */
export function writeOptions(builder: Builder, options: Options): Offset {
  const fused = 'fused' in options ? schema.ActivationFunctionType[options.fused] : schema.ActivationFunctionType.NONE;
  switch (options.table) {
    case 'Conv2DOptions': {
      const { padding, strides, dilation } = options;
      const window = [schema.Padding[padding], strides[1], strides[0], fused, dilation[1], dilation[0]] as const;
      return schema.Conv2DOptions.createConv2DOptions(builder, ...window);
    }
    case 'DepthwiseConv2DOptions': {
      const { padding, strides, dilation, multiplier } = options;
      const window = [schema.Padding[padding], strides[1], strides[0], multiplier, fused, dilation[1], dilation[0]] as const;
      return schema.DepthwiseConv2DOptions.createDepthwiseConv2DOptions(builder, ...window);
    }
    case 'Pool2DOptions': {
      const { padding, strides, size } = options;
      const window = [schema.Padding[padding], strides[1], strides[0], size[1], size[0], fused] as const;
      return schema.Pool2DOptions.createPool2DOptions(builder, ...window);
    }
    case 'FullyConnectedOptions': {
      const layout = schema.FullyConnectedOptionsWeightsFormat.DEFAULT;
      const { keepDims, asymmetricInputs } = options;
      return schema.FullyConnectedOptions.createFullyConnectedOptions(builder, fused, layout, keepDims, asymmetricInputs);
    }
    case 'UnidirectionalSequenceLSTMOptions': {
      const { UnidirectionalSequenceLSTMOptions: table, ActivationFunctionType } = schema;
      table.startUnidirectionalSequenceLSTMOptions(builder);
      table.addFusedActivationFunction(builder, ActivationFunctionType.TANH);
      table.addAsymmetricQuantizeInputs(builder, options.asymmetricInputs);
      return table.endUnidirectionalSequenceLSTMOptions(builder);
    }
    case 'AddOptions':
      return schema.AddOptions.createAddOptions(builder, fused, false);
    case 'SubOptions':
      return schema.SubOptions.createSubOptions(builder, fused, false);
    case 'MulOptions':
      return schema.MulOptions.createMulOptions(builder, fused);
    case 'DivOptions':
      return schema.DivOptions.createDivOptions(builder, fused);
    case 'ConcatenationOptions':
      return schema.ConcatenationOptions.createConcatenationOptions(builder, options.axis, fused);
    case 'ReshapeOptions': {
      const shape = schema.ReshapeOptions.createNewShapeVector(builder, [...options.shape]);
      return schema.ReshapeOptions.createReshapeOptions(builder, shape);
    }
    case 'ReducerOptions':
      return schema.ReducerOptions.createReducerOptions(builder, options.keepDims);
    case 'LeakyReluOptions':
      return schema.LeakyReluOptions.createLeakyReluOptions(builder, options.alpha);
    case 'CastOptions':
      return schema.CastOptions.createCastOptions(builder, schema.TensorType[options.from], schema.TensorType[options.to]);
    case 'GatherOptions':
      return schema.GatherOptions.createGatherOptions(builder, 0, 0);
    case 'StridedSliceOptions': {
      const { whole } = options;
      return schema.StridedSliceOptions.createStridedSliceOptions(builder, whole, whole, 0, 0, 0, false);
    }
    case 'SoftmaxOptions':
      return schema.SoftmaxOptions.createSoftmaxOptions(builder, 1);
    case 'GeluOptions':
      return schema.GeluOptions.createGeluOptions(builder, options.approximate);
    case 'BatchMatMulOptions':
      return schema.BatchMatMulOptions.createBatchMatMulOptions(builder, options.adjX ?? false, options.adjY, false);
    case 'L2NormOptions':
      return schema.L2NormOptions.createL2NormOptions(builder, fused);
    case 'TransposeConvOptions': {
      const { padding, strides } = options;
      return schema.TransposeConvOptions.createTransposeConvOptions(
        builder,
        schema.Padding[padding],
        strides[1],
        strides[0],
        fused,
      );
    }
    case 'ResizeBilinearOptions':
      return schema.ResizeBilinearOptions.createResizeBilinearOptions(builder, false, true);
    case 'ResizeNearestNeighborOptions':
      return schema.ResizeNearestNeighborOptions.createResizeNearestNeighborOptions(builder, false, true);
    default:
      return schema.NoOptions.createNoOptions(builder);
  }
}
