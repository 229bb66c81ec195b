/** Functions of one or two numbers, element by element. The loops are in `assembly/elementwise.ts`, the functions in `functions.ts`. */
import { floatWord, type SimdKernel } from './kernel.ts';

/**
 * `maximum` and `minimum` give NaN where either is. A `…Gradient` takes the output's gradient first and the function's output second; where a
 * clamp cuts, also right on the bound, nothing passes.
 */
export type BinaryOperation =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'maximum'
  | 'minimum'
  | 'squaredDifference'
  | 'reluGradient'
  | 'relu6Gradient'
  | 'sigmoidGradient'
  | 'tanhGradient'
  | 'eluGradient';

const binaryOperations: readonly BinaryOperation[] = [
  ...(['add', 'subtract', 'multiply', 'divide', 'maximum', 'minimum', 'squaredDifference'] as const),
  ...(['reluGradient', 'relu6Gradient', 'sigmoidGradient', 'tanhGradient', 'eluGradient'] as const),
];

/** What an operand is, against a result of planes × rows × length: as large, one row for each plane, one number for each row, one for all. */
export type Spread = 'full' | 'row' | 'column' | 'scalar';

export interface BinaryArgs {
  readonly operation: BinaryOperation;
  readonly a: number;
  readonly b: number;
  readonly y: number;
  readonly spreadA?: Spread;
  readonly spreadB?: Spread;
  /** The result's size; where both operands are full or scalars, one row of all is quickest. One plane where absent. */
  readonly planes?: number;
  readonly rows: number;
  readonly length: number;
}

const span = 16384;

function binaryBlock({ rows, length }: BinaryArgs): readonly [rows: number, floats: number] {
  return [Math.max(1, Math.min(rows, Math.floor(span / Math.max(1, length)))), Math.max(1, Math.min(span, length))];
}

/** Floats from plane to plane, from row to row, and from float to float. */
function steps(spread: Spread, rows: number, length: number): readonly [number, number, number] {
  if (spread === 'full') return [rows * length, length, 1];
  if (spread === 'row') return [length, 0, 1];
  return spread === 'column' ? [rows, 1, 0] : [0, 0, 0];
}

export const binary: SimdKernel<BinaryArgs> = {
  name: 'binary',
  words(args) {
    const { operation, a, b, y, spreadA = 'full', spreadB = 'full', planes = 1, rows, length } = args;
    const [stepsA, stepsB] = [steps(spreadA, rows, length), steps(spreadB, rows, length)];
    const between = stepsA.flatMap((step, i) => [step, stepsB[i] as number]);
    return [a, b, y, planes, rows, length, ...between, ...binaryBlock(args), binaryOperations.indexOf(operation)];
  },
  blocks(args) {
    const [rows, floats] = binaryBlock(args);
    return (args.planes ?? 1) * Math.ceil(args.rows / rows) * Math.ceil(args.length / floats);
  },
  scratchBytes: () => 0,
};

/** `clip` is between `scale` and `shift`, `affine` is x · scale + shift. The logarithm of less than nothing is NaN; relu, relu6 and clip keep NaN. */
export type UnaryOperation =
  | 'negative'
  | 'absolute'
  | 'squareRoot'
  | 'reciprocalSquareRoot'
  | 'square'
  | 'reciprocal'
  | 'relu'
  | 'relu6'
  | 'exp'
  | 'log'
  | 'sigmoid'
  | 'tanh'
  | 'elu'
  | 'clip'
  | 'affine';

const unaryOperations: readonly UnaryOperation[] = [
  ...(['negative', 'absolute', 'squareRoot', 'reciprocalSquareRoot', 'square', 'reciprocal', 'relu', 'relu6'] as const),
  ...(['exp', 'log', 'sigmoid', 'tanh', 'elu', 'clip', 'affine'] as const),
];

export interface UnaryArgs {
  readonly operation: UnaryOperation;
  readonly x: number;
  readonly y: number;
  readonly count: number;
  readonly scale?: number;
  readonly shift?: number;
}

export const unary: SimdKernel<UnaryArgs> = {
  name: 'unary',
  words: ({ operation, x, y, count, scale = 1, shift = 0 }) => [
    ...[x, y, count, unaryOperations.indexOf(operation)],
    ...[floatWord(scale), floatWord(shift)],
  ],
  blocks: ({ count }) => Math.ceil(count / span),
  scratchBytes: () => 0,
};
