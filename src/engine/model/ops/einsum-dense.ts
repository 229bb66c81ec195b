/** EinsumDense: y = act(einsum(x, kernel) + bias), computed as one product of matrices between turns of x, the kernel and y. */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { ChannelFlow } from '../op.ts';
import { type ActivationName, applyActivation, readActivation, stockActivation } from './activations.ts';
import { made } from './channel-flow.ts';
import { readFields, unsupported } from './config.ts';
import { defineOp, elements, formatShape, shapeMismatch, single, tensorOf } from './define.ts';
import { type Einsum, einsumOf, einsumSizes, equationProblem, placesIn } from './einsum.ts';

export type EinsumDenseAttrs = {
  readonly equation: string;
  /** Without batch and without what `...` stands for; null where the input tells. */
  readonly outputShape: readonly (number | null)[];
  /** Letters of y that the bias has; null where there is none. */
  readonly biasAxes: string | null;
  readonly activation: ActivationName;
};

/** The bias' shape: from the first of its letters in y on, 1 along letters that it does not have. */
function biasShape(einsum: Einsum, biasAxes: string, sizeOf: (letter: string) => number): number[] {
  const first = Math.min(...placesIn(biasAxes, einsum.y));
  return [...einsum.y.slice(first)].map((letter) => (biasAxes.includes(letter) ? sizeOf(letter) : 1));
}

function sized({ equation, outputShape }: EinsumDenseAttrs, input: Shape) {
  const einsum = einsumOf(equation, input.length + 1);
  const sizes = einsumSizes(einsum, input, outputShape);
  const sizeOf = (letter: string): number => {
    const size = sizes.get(letter);
    if (typeof size === 'number') return size;
    throw shapeMismatch(`The size of the axis ${letter} of ${equation} must be known, but its input is ${formatShape(input)}.`);
  };
  return { einsum, sizes, sizeOf };
}

/** x and kernel in an equation, by one product of matrices for each place of the shared axes. */
export function einsumProduct(x: tf.Tensor, kernel: tf.Tensor, einsum: Einsum): tf.Tensor {
  const { free, shared, contracted, made: out } = einsum;
  const sizes = new Map([
    ...[...einsum.kernel].map((letter, i) => [letter, kernel.shape[i] ?? 1] as const),
    ...[...einsum.x].map((letter, i) => [letter, x.shape[i] ?? 1] as const),
  ]);
  const count = (letters: string): number => [...letters].reduce((product, letter) => product * (sizes.get(letter) ?? 1), 1);
  const turned = (tensor: tf.Tensor, from: string, to: string): tf.Tensor =>
    from === to ? tensor : tf.transpose(tensor, placesIn(to, from));
  const rows = turned(x, einsum.x, shared + free + contracted);
  const columns = turned(kernel, einsum.kernel, shared + contracted + out);
  const [places, depth, width] = [count(free), count(contracted), count(out)];
  const product =
    shared === ''
      ? tf.matMul(tf.reshape(rows, [places, depth]), tf.reshape(columns, [depth, width]))
      : tf.matMul(tf.reshape(rows, [count(shared), places, depth]), tf.reshape(columns, [count(shared), depth, width]));
  const order = shared + free + out;
  const y = tf.reshape(
    product,
    [...order].map((letter) => sizes.get(letter) ?? 1),
  );
  return turned(y, order, einsum.y);
}

/** Channels are the last axes: read where the input's is contracted, made where the output's is. */
function flow(attrs: EinsumDenseAttrs, input: Shape): ChannelFlow | undefined {
  const { einsum } = sized(attrs, input);
  const [reads, makes] = [einsum.x.slice(-1), einsum.y.slice(-1)];
  if (!einsum.contracted.includes(reads) || !einsum.made.includes(makes)) return undefined;
  const axes = [
    { role: 'kernel', axis: einsum.kernel.indexOf(reads), counts: 0, use: 'reads' },
    { role: 'kernel', axis: einsum.kernel.indexOf(makes), counts: 'output', use: 'makes' },
  ] as const;
  const { biasAxes, activation, outputShape } = attrs;
  const rank = biasAxes === null ? 0 : biasShape(einsum, biasAxes, () => 1).length;
  const bias = { role: 'bias', axis: rank - 1, counts: 'output', use: 'passes' } as const;
  const resized = (channels: number): EinsumDenseAttrs => ({ ...attrs, outputShape: [...outputShape.slice(0, -1), channels] });
  return made(biasAxes?.includes(makes) ? [...axes, bias] : axes, activation, resized);
}

export const einsumDense = defineOp<EinsumDenseAttrs>({
  kind: 'EinsumDense',
  classes: ['EinsumDense'],
  read(config, place) {
    const field = readFields(config, place);
    const merge = 'Call `merge_lora()` in Keras and save again.';
    field.requireOnly('lora_rank', null, 'Its kernel is split into low-rank factors.', merge);
    const equation = field.raw('equation');
    if (typeof equation !== 'string') throw field.malformed('equation', 'an equation such as "abc,cd->abd"');
    const problem = equationProblem(equation);
    if (problem !== undefined) {
      const remedy = 'Write it in Keras as a product that keeps the batch, copy the weights over and save again.';
      throw unsupported(place, `the equation "${equation.slice(0, 80)}"`, `Here ${problem}.`, remedy);
    }
    const given = field.raw('output_shape');
    const outputShape = Array.isArray(given) ? given : [given];
    const isSize = (size: unknown): boolean => size === null || (Number.isInteger(size) && (size as number) > 0);
    if (!outputShape.every(isSize)) throw field.malformed('output_shape', 'a size or a list of them');
    const biasAxes = field.has('bias_axes') ? field.raw('bias_axes') : null;
    const named = equation.slice(equation.indexOf('->') + 2);
    if (biasAxes !== null && (typeof biasAxes !== 'string' || biasAxes === '' || [...biasAxes].some((l) => !named.includes(l))))
      throw field.malformed('bias_axes', 'letters of the output');
    return {
      equation,
      outputShape: outputShape as (number | null)[],
      biasAxes: biasAxes as string | null,
      activation: readActivation(field),
    };
  },
  write: ({ equation, outputShape, biasAxes, activation }) => ({
    className: 'EinsumDense',
    config: { equation, output_shape: outputShape, bias_axes: biasAxes, activation: stockActivation(activation) },
  }),
  cannotWrite: () => 'stock TF.js has no product in Einstein notation',
  slots(attrs, inputs) {
    const { einsum, sizeOf } = sized(attrs, single(inputs));
    const last = einsum.kernel.indexOf([...einsum.made].at(-1) ?? ' ');
    const shape = [...einsum.kernel].map(sizeOf);
    const { biasAxes } = attrs;
    return [
      { role: 'kernel', shape, channelAxis: last < 0 ? null : last, kind: 'kernel' },
      ...(biasAxes === null
        ? []
        : [{ role: 'bias', shape: biasShape(einsum, biasAxes, sizeOf), channelAxis: null, kind: 'vector' } as const]),
    ];
  },
  shape(attrs, inputs) {
    const { einsum, sizes } = sized(attrs, single(inputs));
    return [...einsum.y].slice(1).map((letter) => sizes.get(letter) ?? null);
  },
  macs(attrs, inputs, output) {
    const { einsum, sizeOf } = sized(attrs, single(inputs));
    return [...einsum.contracted].reduce((product, letter) => product * sizeOf(letter), elements(output));
  },
  channels: (attrs, inputs) => flow(attrs, single(inputs)),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs);
    const y = einsumProduct(x, tensorOf(weights, 'kernel'), einsumOf(attrs.equation, x.rank));
    return applyActivation(weights.bias === undefined ? y : tf.add(y, weights.bias), attrs.activation);
  },
});
