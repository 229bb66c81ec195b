/**
 * Operators on every element: activations, and sums, products and extremes of two values. A stored operand, one number or one per
 * channel, becomes a Rescaling layer, scale · x + offset.
 */
import type { Weight } from '../../../model/model.ts';
import { activated, type Call } from '../call.ts';
import type { Flow, Value } from '../graph.ts';
import {
  AddOptions,
  BuiltinOptions,
  DivOptions,
  GeluOptions,
  LeakyReluOptions,
  MulOptions,
  SoftmaxOptions,
  SubOptions,
} from '../schema/schema.ts';
import { general } from './functions.ts';

/** The reader of an operator that is one activation. */
export function activation(name: string): (call: Call) => Flow {
  return (call) => call.add('Activation', { activation: name }, [call.flow(0)]);
}

export function softmax(call: Call): Flow {
  const beta = call.options(BuiltinOptions.SoftmaxOptions, new SoftmaxOptions()).beta();
  const input = beta === 1 ? call.flow(0) : rescaled(call, call.flow(0), beta, 0, 'beta');
  return call.add('Activation', { activation: 'softmax' }, [input]);
}

export function gelu(call: Call): Flow {
  const options = call.options(BuiltinOptions.GeluOptions, new GeluOptions());
  return activation(options.approximate() ? 'gelu_tanh' : 'gelu')(call);
}

export function leakyRelu(call: Call): Flow {
  const alpha = call.options(BuiltinOptions.LeakyReluOptions, new LeakyReluOptions()).alpha();
  return call.add('LeakyReLU', { alpha }, [call.flow(0)]);
}

export function prelu(call: Call): Flow {
  const input = call.flow(0);
  const { shape } = call.tensor(1);
  const rank = input.shape.length;
  if (shape.length > rank) throw call.refuse(`Its slopes have the shape [${shape.join(', ')}].`);
  const aligned = [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const shared = aligned.flatMap((size, axis) => (size === 1 ? [axis + 1] : []));
  const alpha = call.weight(1, `slopes ${aligned}`, ({ values }) => ({ shape: aligned, values, encoding: { kind: 'float32' } }));
  return call.add('PReLU', { shared_axes: shared }, [input], { alpha });
}

export const unitLength = (call: Call): Flow => call.add('UnitNormalization', {}, [call.flow(0)]);
export const negative = (call: Call): Flow => rescaled(call, call.flow(0), -1, 0);
export const square = (call: Call): Flow => call.add('Multiply', {}, [call.flow(0), call.flow(0)]);

type Factor = number | readonly number[];

function rescaled(call: Call, input: Flow, scale: Factor, offset: Factor, part?: string): Flow {
  return call.add('Rescaling', { scale, offset }, [input], {}, part);
}

/** A stored operand as one number, or one per channel; null where it is neither. */
function factorOf(input: Flow, { shape, values }: Weight): Factor | null {
  const [first = 0] = values;
  if (values.every((value) => value === first)) return first;
  if (shape.at(-1) === values.length && values.length === input.shape.at(-1)) return [...values];
  return null;
}

const each = (factor: Factor, change: (value: number) => number): Factor =>
  typeof factor === 'number' ? change(factor) : factor.map(change);

interface Arithmetic {
  readonly fused: (call: Call) => number;
  readonly ofNumbers: (left: number, right: number) => number;
  readonly ofFlows: (call: Call, left: Flow, right: Flow) => Flow;
  /** scale and offset of the Rescaling that stands for a stored operand on the right or the left; null where none does. */
  readonly right: (factor: Factor) => readonly [Factor, Factor];
  readonly left: ((factor: Factor) => readonly [Factor, Factor]) | null;
}

const sum: Arithmetic = {
  fused: (call) => call.options(BuiltinOptions.AddOptions, new AddOptions()).fusedActivationFunction(),
  ofNumbers: (left, right) => left + right,
  ofFlows: (call, left, right) => call.add('Add', {}, [left, right]),
  right: (factor) => [1, factor],
  left: (factor) => [1, factor],
};

const difference: Arithmetic = {
  fused: (call) => call.options(BuiltinOptions.SubOptions, new SubOptions()).fusedActivationFunction(),
  ofNumbers: (left, right) => left - right,
  ofFlows: (call, left, right) => call.add('Subtract', {}, [left, right]),
  right: (factor) => [1, each(factor, (value) => -value)],
  left: (factor) => [-1, factor],
};

const product: Arithmetic = {
  fused: (call) => call.options(BuiltinOptions.MulOptions, new MulOptions()).fusedActivationFunction(),
  ofNumbers: (left, right) => left * right,
  ofFlows: (call, left, right) => call.add('Multiply', {}, [left, right]),
  right: (factor) => [factor, 0],
  left: (factor) => [factor, 0],
};

const quotient: Arithmetic = {
  fused: (call) => call.options(BuiltinOptions.DivOptions, new DivOptions()).fusedActivationFunction(),
  ofNumbers: (left, right) => left / right,
  ofFlows: (call) => general(2)(call),
  right: (factor) => [each(factor, (value) => 1 / value), 0],
  left: null,
};

/** Ones that add nothing, factors that change nothing, and zeros that leave nothing: states of recurrent layers start so. */
function folded(call: Call, arithmetic: Arithmetic): Value | null {
  const [left, right] = [call.uniform(0), call.uniform(1)];
  if (left !== null && right !== null) return { kind: 'uniform', value: arithmetic.ofNumbers(left, right) };
  const place = left === null ? 0 : 1;
  const number = left ?? right;
  if (number === null || call.value(place).kind !== 'flow') return null;
  if (arithmetic === product && number === 0) return { kind: 'uniform', value: 0 };
  const neutral = arithmetic === sum ? 0 : arithmetic === product ? 1 : null;
  const input = call.flow(place);
  const stretched = input.shape.join() !== call.sample().join();
  return number === neutral && !stretched ? input : null;
}

function combine(arithmetic: Arithmetic): (call: Call) => Value {
  return (call) => {
    const fused = arithmetic.fused(call);
    const known = folded(call, arithmetic);
    if (known !== null) return known.kind === 'flow' ? activated(call, known, fused) : known;
    const isFlow = [0, 1].map((place) => call.value(place).kind === 'flow');
    if (isFlow[0] && isFlow[1]) return activated(call, arithmetic.ofFlows(call, call.flow(0), call.flow(1)), fused);
    const stored = isFlow[0] ? 1 : 0;
    const input = call.flow(1 - stored);
    const factor = call.uniform(stored) ?? factorOf(input, call.constant(stored));
    const form = stored === 1 ? arithmetic.right : arithmetic.left;
    // What is stretched by a stored operand is no Rescaling.
    if (form === null || factor === null || input.shape.join() !== call.sample().join())
      return activated(call, general(2)(call), fused);
    return activated(call, rescaled(call, input, ...form(factor)), fused);
  };
}

export const add = combine(sum);
export const subtract = combine(difference);
export const multiply = combine(product);
export const divide = combine(quotient);

/** The reader of MAXIMUM and MINIMUM of values that layers make; the least of a value and a number is a ReLU that lets all below pass. */
export function extreme(className: 'Maximum' | 'Minimum'): (call: Call) => Flow {
  return (call) => {
    const limit = className === 'Minimum' ? call.uniform(1) : null;
    if (limit !== null) return call.add('ReLU', { max_value: limit, negative_slope: 1 }, [call.flow(0)]);
    if ([0, 1].some((place) => call.value(place).kind !== 'flow')) return general(2)(call);
    return call.add(className, {}, [call.flow(0), call.flow(1)]);
  };
}

/** |x|: what lies below zero comes back with the other sign. */
export const absolute = (call: Call): Flow => call.add('ReLU', { negative_slope: -1 }, [call.flow(0)]);
