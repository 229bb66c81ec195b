/** Small .tflite files of one operator each, on seeded numbers: what the reader is compared with the interpreter on. */
import type { Builder } from 'flatbuffers';
import * as s from '../formats/tflite/schema/schema.ts';
import { createRng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import type { FileSketch, OperatorSketch, OptionsSketch, TensorSketch } from './tflite-files.ts';

const rng = createRng(3);
const numbers = (...shape: number[]): TensorSketch => ({
  shape,
  data: Float32Array.from({ length: elementCount(shape) }, () => rng.normal()),
});
const integers = (...values: number[]): TensorSketch => ({
  type: 'INT32',
  shape: [values.length],
  data: Int32Array.from(values),
});
const options =
  <K extends keyof typeof s.BuiltinOptions>(member: K, create: (builder: Builder) => number): OptionsSketch =>
  (builder) => [s.BuiltinOptions[member], create(builder)];

const { SAME, VALID } = s.Padding;
const { NONE, RELU, RELU6 } = s.ActivationFunctionType;

export interface TfliteCase {
  readonly name: string;
  readonly kind: OperatorSketch['kind'];
  readonly version?: number;
  readonly input: readonly number[];
  readonly output: readonly number[] | readonly (readonly number[])[];
  /** Constants, by the names x and y for the input's place among the operator's inputs. */
  readonly constants?: Readonly<Record<string, TensorSketch>>;
  readonly inputs?: readonly string[];
  readonly options?: OptionsSketch;
}

const arithmetic = (
  kind: OperatorSketch['kind'],
  member: 'AddOptions' | 'SubOptions' | 'MulOptions' | 'DivOptions',
): TfliteCase[] => {
  const table = { AddOptions: s.AddOptions, SubOptions: s.SubOptions, MulOptions: s.MulOptions, DivOptions: s.DivOptions }[
    member
  ];
  const make = (activation: number) =>
    options(member, (b) => {
      if (table === s.AddOptions) return s.AddOptions.createAddOptions(b, activation, false);
      if (table === s.SubOptions) return s.SubOptions.createSubOptions(b, activation, false);
      return table === s.MulOptions ? s.MulOptions.createMulOptions(b, activation) : s.DivOptions.createDivOptions(b, activation);
    });
  const shape = [1, 2, 3, 4];
  const cases: TfliteCase[] = [
    {
      name: 'by channel',
      kind,
      input: shape,
      output: shape,
      constants: { c: numbers(4) },
      inputs: ['x', 'c'],
      options: make(RELU),
    },
    {
      name: 'by a number',
      kind,
      input: shape,
      output: shape,
      constants: { c: numbers(1) },
      inputs: ['x', 'c'],
      options: make(NONE),
    },
  ];
  if (kind === 'DIV') return cases;
  return [
    ...cases,
    {
      name: 'of a constant',
      kind,
      input: shape,
      output: shape,
      constants: { c: numbers(1, 1, 1, 4) },
      inputs: ['c', 'x'],
      options: make(RELU6),
    },
    { name: 'of the input twice', kind, input: shape, output: shape, inputs: ['x', 'x'], options: make(NONE) },
  ];
};

const elementwise: TfliteCase[] = (['RELU', 'RELU6', 'ELU', 'LOGISTIC', 'TANH', 'HARD_SWISH'] as const).map((kind) => ({
  name: '',
  kind,
  input: [1, 7],
  output: [1, 7],
}));

const strided = (masks: readonly [number, number, number]) =>
  options('StridedSliceOptions', (b) =>
    s.StridedSliceOptions.createStridedSliceOptions(b, masks[0], masks[1], 0, 0, masks[2], false),
  );

export const tfliteCases: readonly TfliteCase[] = [
  {
    name: 'same, strides, relu6',
    kind: 'CONV_2D',
    input: [1, 7, 6, 3],
    output: [1, 4, 6, 5],
    constants: { k: numbers(5, 3, 2, 3), b: numbers(5) },
    inputs: ['x', 'k', 'b'],
    options: options('Conv2DOptions', (b) => s.Conv2DOptions.createConv2DOptions(b, SAME, 1, 2, RELU6, 1, 1)),
  },
  {
    name: 'dilated',
    kind: 'CONV_2D',
    input: [1, 7, 6, 3],
    output: [1, 3, 2, 2],
    constants: { k: numbers(2, 3, 3, 3), b: numbers(2) },
    inputs: ['x', 'k', 'b'],
    options: options('Conv2DOptions', (b) => s.Conv2DOptions.createConv2DOptions(b, VALID, 1, 1, NONE, 2, 2)),
  },
  {
    name: 'two filters per channel',
    kind: 'DEPTHWISE_CONV_2D',
    input: [1, 6, 6, 3],
    output: [1, 3, 3, 6],
    constants: { k: numbers(1, 3, 3, 6), b: numbers(6) },
    inputs: ['x', 'k', 'b'],
    options: options('DepthwiseConv2DOptions', (b) =>
      s.DepthwiseConv2DOptions.createDepthwiseConv2DOptions(b, SAME, 2, 2, 2, RELU, 1, 1),
    ),
  },
  {
    name: 'of a picture',
    kind: 'FULLY_CONNECTED',
    input: [1, 2, 3, 4],
    output: [1, 5],
    constants: { k: numbers(5, 24), b: numbers(5) },
    inputs: ['x', 'k', 'b'],
    options: options('FullyConnectedOptions', (b) =>
      s.FullyConnectedOptions.createFullyConnectedOptions(b, RELU, 0, false, false),
    ),
  },
  {
    name: 'of rows, without bias',
    kind: 'FULLY_CONNECTED',
    version: 5,
    input: [1, 3, 4],
    output: [1, 3, 2],
    constants: { k: numbers(2, 4) },
    inputs: ['x', 'k', ''],
    options: options('FullyConnectedOptions', (b) =>
      s.FullyConnectedOptions.createFullyConnectedOptions(b, NONE, 0, true, false),
    ),
  },
  {
    name: 'with a stored matrix',
    kind: 'BATCH_MATMUL',
    input: [1, 3, 4],
    output: [1, 3, 2],
    constants: { k: numbers(1, 4, 2) },
    inputs: ['x', 'k'],
    options: options('BatchMatMulOptions', (b) => s.BatchMatMulOptions.createBatchMatMulOptions(b, false, false, false)),
  },
  ...arithmetic('ADD', 'AddOptions'),
  ...arithmetic('SUB', 'SubOptions'),
  ...arithmetic('MUL', 'MulOptions'),
  ...arithmetic('DIV', 'DivOptions'),
  ...elementwise,
  { name: '', kind: 'EXP', input: [1, 4], output: [1, 4] },
  { name: '', kind: 'NEG', input: [1, 4], output: [1, 4] },
  { name: '', kind: 'SQUARE', input: [1, 4], output: [1, 4] },
  { name: '', kind: 'LOG_SOFTMAX', input: [1, 4], output: [1, 4] },
  {
    name: 'of doubled numbers',
    kind: 'SOFTMAX',
    input: [1, 4],
    output: [1, 4],
    options: options('SoftmaxOptions', (b) => s.SoftmaxOptions.createSoftmaxOptions(b, 2)),
  },
  {
    name: '',
    kind: 'LEAKY_RELU',
    input: [1, 9],
    output: [1, 9],
    options: options('LeakyReluOptions', (b) => s.LeakyReluOptions.createLeakyReluOptions(b, 0.1)),
  },
  {
    name: 'slope by channel',
    kind: 'PRELU',
    input: [1, 3, 2, 4],
    output: [1, 3, 2, 4],
    constants: { a: numbers(1, 1, 4) },
    inputs: ['x', 'a'],
  },
  {
    name: 'same',
    kind: 'MAX_POOL_2D',
    input: [1, 5, 5, 2],
    output: [1, 3, 3, 2],
    options: options('Pool2DOptions', (b) => s.Pool2DOptions.createPool2DOptions(b, SAME, 2, 2, 3, 3, NONE)),
  },
  {
    name: 'same, relu',
    kind: 'AVERAGE_POOL_2D',
    input: [1, 5, 6, 2],
    output: [1, 3, 6, 2],
    options: options('Pool2DOptions', (b) => s.Pool2DOptions.createPool2DOptions(b, SAME, 1, 2, 2, 3, RELU)),
  },
  {
    name: 'of places',
    kind: 'MEAN',
    input: [1, 3, 4, 2],
    output: [1, 2],
    constants: { a: integers(1, 2) },
    inputs: ['x', 'a'],
    options: options('ReducerOptions', (b) => s.ReducerOptions.createReducerOptions(b, false)),
  },
  {
    name: 'of rows, kept',
    kind: 'MEAN',
    input: [1, 3, 2],
    output: [1, 1, 2],
    constants: { a: integers(-2) },
    inputs: ['x', 'a'],
    options: options('ReducerOptions', (b) => s.ReducerOptions.createReducerOptions(b, true)),
  },
  {
    name: 'of places',
    kind: 'REDUCE_MAX',
    input: [1, 3, 4, 2],
    output: [1, 1, 1, 2],
    constants: { a: integers(2, 1) },
    inputs: ['x', 'a'],
    options: options('ReducerOptions', (b) => s.ReducerOptions.createReducerOptions(b, true)),
  },
  ...(['SUM', 'MEAN', 'REDUCE_MAX', 'REDUCE_MIN', 'REDUCE_PROD'] as const).map(
    (kind): TfliteCase => ({
      name: 'of channels and rows',
      kind,
      input: [1, 3, 4, 2],
      output: [1, 1, 4, 1],
      constants: { a: integers(-1, 1) },
      inputs: ['x', 'a'],
      options: options('ReducerOptions', (b) => s.ReducerOptions.createReducerOptions(b, true)),
    }),
  ),
  ...(['SIN', 'COS', 'FLOOR', 'CEIL', 'ROUND'] as const).map(
    (kind): TfliteCase => ({ name: '', kind, input: [1, 5], output: [1, 5] }),
  ),
  {
    name: 'of two values, the first transposed',
    kind: 'BATCH_MATMUL',
    input: [1, 2, 3, 4],
    output: [1, 2, 4, 4],
    inputs: ['x', 'x'],
    options: options('BatchMatMulOptions', (b) => s.BatchMatMulOptions.createBatchMatMulOptions(b, true, false, false)),
  },
  {
    name: 'by a number for each row',
    kind: 'MUL',
    input: [1, 3, 4],
    output: [1, 3, 4],
    constants: { c: numbers(3, 1) },
    inputs: ['c', 'x'],
    options: options('MulOptions', (b) => s.MulOptions.createMulOptions(b, RELU)),
  },
  {
    name: 'of the input twice',
    kind: 'DIV',
    input: [1, 4],
    output: [1, 4],
    inputs: ['x', 'x'],
    options: options('DivOptions', (b) => s.DivOptions.createDivOptions(b, NONE)),
  },
  {
    name: 'from a row',
    kind: 'SQUARED_DIFFERENCE',
    input: [1, 3, 4],
    output: [1, 3, 4],
    constants: { c: numbers(1, 4) },
    inputs: ['x', 'c'],
  },
  {
    name: 'pictures',
    kind: 'PAD',
    input: [1, 2, 3, 2],
    output: [1, 3, 7, 2],
    constants: { p: { type: 'INT32', shape: [4, 2], data: Int32Array.of(0, 0, 1, 0, 1, 3, 0, 0) } },
    inputs: ['x', 'p'],
  },
  {
    name: 'rows',
    kind: 'PAD',
    input: [1, 3, 2],
    output: [1, 6, 2],
    constants: { p: { type: 'INT32', shape: [3, 2], data: Int32Array.of(0, 0, 2, 1, 0, 0) } },
    inputs: ['x', 'p'],
  },
  {
    name: 'threefold',
    kind: 'RESIZE_NEAREST_NEIGHBOR',
    input: [1, 2, 3, 2],
    output: [1, 6, 6, 2],
    constants: { t: integers(6, 6) },
    inputs: ['x', 't'],
    options: options('ResizeNearestNeighborOptions', (b) =>
      s.ResizeNearestNeighborOptions.createResizeNearestNeighborOptions(b, false, false),
    ),
  },
  {
    name: 'twofold',
    kind: 'RESIZE_BILINEAR',
    version: 3,
    input: [1, 2, 3, 2],
    output: [1, 4, 6, 2],
    constants: { t: integers(4, 6) },
    inputs: ['x', 't'],
    options: options('ResizeBilinearOptions', (b) => s.ResizeBilinearOptions.createResizeBilinearOptions(b, false, true)),
  },
  { name: '', kind: 'RESHAPE', input: [1, 2, 6], output: [1, 3, 4], constants: { t: integers(1, 3, 4) }, inputs: ['x', 't'] },
  { name: '', kind: 'EXPAND_DIMS', input: [1, 6], output: [1, 1, 6], constants: { t: integers(1) }, inputs: ['x', 't'] },
  {
    name: '',
    kind: 'TRANSPOSE',
    input: [1, 2, 3, 4],
    output: [1, 4, 2, 3],
    constants: { p: integers(0, 3, 1, 2) },
    inputs: ['x', 'p'],
  },
  {
    name: 'of channels',
    kind: 'CONCATENATION',
    input: [1, 2, 3],
    output: [1, 2, 6],
    inputs: ['x', 'x'],
    options: options('ConcatenationOptions', (b) => s.ConcatenationOptions.createConcatenationOptions(b, -1, NONE)),
  },
  {
    name: 'in the middle',
    kind: 'PACK',
    input: [1, 3],
    output: [1, 2, 3],
    inputs: ['x', 'x'],
    options: options('PackOptions', (b) => s.PackOptions.createPackOptions(b, 2, 1)),
  },
  {
    name: 'along rows',
    kind: 'UNPACK',
    input: [1, 2, 3],
    output: [
      [1, 3],
      [1, 3],
    ],
    options: options('UnpackOptions', (b) => s.UnpackOptions.createUnpackOptions(b, 2, 1)),
  },
  {
    name: 'of channels',
    kind: 'SPLIT',
    input: [1, 2, 4],
    output: [
      [1, 2, 2],
      [1, 2, 2],
    ],
    constants: { a: { type: 'INT32', shape: [], data: Int32Array.of(2) } },
    inputs: ['a', 'x'],
    options: options('SplitOptions', (b) => s.SplitOptions.createSplitOptions(b, 2)),
  },
  {
    name: 'of uneven parts',
    kind: 'SPLIT_V',
    input: [1, 5],
    output: [
      [1, 2],
      [1, 3],
    ],
    constants: { l: integers(2, 3), a: { type: 'INT32', shape: [], data: Int32Array.of(1) } },
    inputs: ['x', 'l', 'a'],
    options: options('SplitVOptions', (b) => s.SplitVOptions.createSplitVOptions(b, 2)),
  },
  {
    name: 'of two axes',
    kind: 'SLICE',
    input: [1, 4, 5, 2],
    output: [1, 2, 3, 2],
    constants: { b: integers(0, 1, 2, 0), l: integers(1, 2, -1, 2) },
    inputs: ['x', 'b', 'l'],
  },
  {
    name: 'a row from the end',
    kind: 'STRIDED_SLICE',
    input: [1, 4, 3],
    output: [1, 3],
    constants: { b: integers(0, -1, 0), e: integers(0, 0, 0), s: integers(1, 1, 1) },
    inputs: ['x', 'b', 'e', 's'],
    options: strided([5, 5, 2]),
  },
];

/** The file of a case. */
export function caseFile({
  kind,
  version = 1,
  input,
  output,
  constants = {},
  inputs = ['x'],
  options: table,
}: TfliteCase): FileSketch {
  const outputs = (Array.isArray(output[0]) ? output : [output]) as readonly (readonly number[])[];
  const names = outputs.map((_, index) => `y${index}`);
  const results = Object.fromEntries(outputs.map((shape, index) => [`y${index}`, { shape }]));
  const operator = { kind, version, inputs, outputs: names, ...(table === undefined ? {} : { options: table }) };
  return { tensors: { x: { shape: input }, ...constants, ...results }, operators: [operator], inputs: ['x'], outputs: names };
}
