/**
 * Convolutions of int8 codes in XNNPACK's arithmetic, a picture at a time: dense layers are convolutions of single places. The loops are in
 * `assembly/integer-convolution.ts` and `assembly/integer-depthwise.ts`.
 */
import { floatWord, type SimdKernel } from './kernel.ts';

type Pair = readonly [down: number, across: number];

export interface IntegerConvolutionArgs {
  /** Addresses: codes [height, width, channels]; a packed kernel; int32 biases and float32 factors, whole eights; codes [rows, columns, filters]. */
  readonly x: number;
  readonly kernel: number;
  readonly bias: number;
  readonly factors: number;
  readonly y: number;
  readonly input: readonly [height: number, width: number, channels: number];
  readonly output: readonly [rows: number, columns: number, filters: number];
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  /** Above and left. */
  readonly before: Pair;
  /** Channels that are read, and filters that are made, from where on. */
  readonly from: number;
  readonly seen: number;
  readonly first: number;
  readonly units: number;
  readonly zeroPoints: readonly [x: number, y: number];
  /** Codes of the output that an activation lets through. */
  readonly range: readonly [low: number, high: number];
}

/** Bytes of the windows that a block lays out, and how many pixels it has at most. */
const windowBytes = 32_768;
const mostPixels = 64;

const eights = (count: number): number => 8 * Math.ceil(count / 8);
const depthOf = ({ size, seen }: IntegerConvolutionArgs): number => 2 * Math.ceil((size[0] * size[1] * seen) / 2);

/** A multiple of four: about four blocks where there are few pixels, more where windows are long. */
function pixelsOfBlock(args: IntegerConvolutionArgs): number {
  const pixels = args.output[0] * args.output[1];
  const fitting = windowBytes / (2 * depthOf(args));
  return 4 * Math.max(1, Math.floor(Math.min(fitting, mostPixels, pixels / 4 + 3) / 4));
}

/** A block has about so many outputs. */
const outputs = 8192;
const rowsOfBlock = ({ output: [, columns, filters] }: IntegerConvolutionArgs): number =>
  Math.max(1, Math.round(outputs / (columns * filters)));

function words(args: IntegerConvolutionArgs, ofBlock: number): number[] {
  const { x, kernel, bias, factors, y, zeroPoints, range } = args;
  const clamps = range.map((code) => floatWord(code - zeroPoints[1]));
  return [
    ...[x, kernel, bias, factors, y, ...args.input, args.from, args.seen, ...args.output, args.first, args.units],
    ...[...args.size, ...args.strides, ...args.dilation, ...args.before, ...zeroPoints, ...clamps, ofBlock],
  ];
}

export const integerConvolution: SimdKernel<IntegerConvolutionArgs> = {
  name: 'integerConvolution',
  words: (args) => words(args, pixelsOfBlock(args)),
  blocks: (args) => Math.ceil((args.output[0] * args.output[1]) / pixelsOfBlock(args)),
  // A window is laid out eight numbers at a time.
  scratchBytes: (args) => 2 * depthOf(args) * pixelsOfBlock(args) + 16,
};

export const integerDepthwise: SimdKernel<IntegerConvolutionArgs> = {
  name: 'integerDepthwise',
  words: (args) => words(args, rowsOfBlock(args)),
  blocks: (args) => Math.ceil(args.output[0] / rowsOfBlock(args)),
  scratchBytes: () => 0,
};

/** Weights of [units, depth] as `integerConvolution` takes them: [units / 8, pairs, 8, 2]. */
export function packedUnits(kernel: Int8Array, depth: number): Int16Array {
  const pairs = Math.ceil(depth / 2);
  const units = kernel.length / depth;
  const packed = new Int16Array(eights(units) * pairs * 2);
  for (let unit = 0; unit < units; unit++) {
    const panel = (unit >> 3) * pairs * 16 + 2 * (unit & 7);
    for (let k = 0; k < depth; k++) packed[panel + (k >> 1) * 16 + (k & 1)] = kernel[unit * depth + k] as number;
  }
  return packed;
}

/** Weights of [places, channels] as `integerDepthwise` takes them: whole eights of channels. */
export function packedChannels(kernel: Int8Array, channels: number): Int16Array {
  const width = eights(channels);
  const packed = new Int16Array((kernel.length / channels) * width);
  for (let at = 0; at < kernel.length; at++) packed[Math.floor(at / channels) * width + (at % channels)] = kernel[at] as number;
  return packed;
}
