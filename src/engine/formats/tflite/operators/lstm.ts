/**
 * UNIDIRECTIONAL_SEQUENCE_LSTM as the LSTM layer of Keras: kernels [units, inputs] of the input, forget, cell and output gate at places 1
 * to 4, recurrent ones at 5 to 8, biases at 12 to 15. Peepholes, projections and normalized gates are refused. A stored first step that closes
 * the input and forget gates (write/lower/lstm.ts) stands for a state of zeros and is left out.
 */

import { joined } from '../../../math/joined.ts';
import type { AffineEncoding, Encoding } from '../../../model/encoding.ts';
import { float32 } from '../../../model/encoding.ts';
import type { Weight } from '../../../model/model.ts';
import type { Call } from '../call.ts';
import { permuted } from '../constants.ts';
import type { Flow, LaidOut, Value } from '../graph.ts';
import { ActivationFunctionType, BuiltinOptions, UnidirectionalSequenceLSTMOptions } from '../schema/schema.ts';

/** What adds as much to a gate leaves nothing of it: e^−1000 is 0. */
const closed = -1000;
/** Places of peepholes, of a projection and of normalized gates. */
const extras = [9, 10, 11, 16, 17, 20, 21, 22, 23];

export function sequenceLstm(call: Call): Value {
  const options = call.options(BuiltinOptions.UnidirectionalSequenceLSTMOptions, new UnidirectionalSequenceLSTMOptions());
  if (extras.some((place) => call.has(place))) throw call.refuse('It has peepholes, a projection or normalized gates.');
  if (!call.has(1)) throw call.refuse('Its input gate is one less its forget gate.');
  if (
    options.fusedActivationFunction() !== ActivationFunctionType.TANH ||
    options.cellClip() !== 0 ||
    options.diagonalRecurrentTensors()
  )
    throw call.refuse('It clips its cells, has another activation than tanh, or a state that mixes no units.');
  const value = call.value(0);
  const { flow, isBegun } = sequenceOf(call, value, options.timeMajor());
  const [units = 0] = call.tensor(1).shape;
  const y = call.add('LSTM', { units, recurrent_activation: 'sigmoid', return_sequences: true }, [flow], {
    kernel: gates(call, 1, isBegun),
    recurrent_kernel: gates(call, 5, false),
    bias: biases(call),
  });
  if (isBegun) return { kind: 'late', flow: y };
  call.note('KERAS_STATEFUL');
  return options.timeMajor() ? { ...y, timeMajor: true } : y;
}

/** The steps that go in, and whether the file makes the layer forget before them. */
function sequenceOf(call: Call, value: Value, timeMajor: boolean): { readonly flow: Flow; readonly isBegun: boolean } {
  if (value.kind === 'begun' && !timeMajor) {
    const { flow, first } = value;
    const number = first?.at(-1) ?? 0;
    const isAlone = first?.subarray(0, -1).every((other) => other === 0) === true;
    const closes = [1, 2].every((place) => lastColumn(call.constant(place)).every((weight) => weight * number <= closed));
    if (isAlone && closes) return { flow, isBegun: true };
    throw call.refuse('Its first step is stored and does more than to forget what was before.');
  }
  if (value.kind !== 'flow') return { flow: call.flow(0), isBegun: false };
  const { timeMajor: isTurned = false, ...flow } = value;
  if (isTurned !== timeMajor) throw call.refuse('Its steps and its batch are the other way round.');
  return { flow, isBegun: false };
}

function lastColumn({ shape, values }: Weight): Float32Array {
  const [, width = 1] = shape;
  return values.filter((_, i) => i % width === width - 1);
}

/** Four kernels [units, inputs] side by side as [inputs, 4 · units]; the last input apart where there is one more. */
function gates(call: Call, from: number, oneMore: boolean): LaidOut {
  const layout = `gates of ${[0, 1, 2, 3].map((gate) => call.tensor(from + gate).index).join()}`;
  return call.weight(from, layout, () => {
    const parts = [0, 1, 2, 3].map((gate) => {
      const turned = permuted(call.constant(from + gate), [1, 0]);
      return oneMore ? withoutLastRow(turned) : turned;
    });
    return beside(call, parts);
  });
}

function withoutLastRow({ shape: [rows = 1, columns = 1], values, encoding }: Weight): Weight {
  const kept = (rows - 1) * columns;
  const less: Encoding = encoding.kind === 'affine' ? { ...encoding, codes: encoding.codes.slice(0, kept) } : encoding;
  return { shape: [rows - 1, columns], values: values.slice(0, kept), encoding: less };
}

/** Matrices of one shape side by side, with their codes where all have some on a scale each. */
function beside(call: Call, parts: readonly Weight[]): Weight {
  const [{ shape: [rows = 0, columns = 0] = [] } = {} as Weight] = parts;
  if (parts.some(({ shape }) => shape.join() !== `${rows},${columns}`))
    throw call.refuse('Its gates have kernels of different sizes.');
  const width = columns * parts.length;
  const laid = <A extends Float32Array | Uint8Array>(into: A, of: (part: Weight) => ArrayLike<number>): A => {
    for (const [at, part] of parts.entries()) {
      const from = of(part);
      for (let i = 0; i < from.length; i++)
        into[Math.floor(i / columns) * width + at * columns + (i % columns)] = from[i] as number;
    }
    return into;
  };
  const shape = [rows, width];
  const values = laid(new Float32Array(rows * width), (part) => part.values);
  const coded = parts.flatMap(({ encoding }) =>
    encoding.kind === 'affine' && encoding.axis === null && encoding.bits <= 8 ? [encoding] : [],
  );
  const [first] = coded;
  if (first === undefined || coded.length < parts.length || coded.some(({ bits }) => bits !== first.bits))
    return {
      shape,
      values,
      encoding: parts.every(({ encoding }) => encoding.kind === 'float16') ? { kind: 'float16' } : float32,
    };
  const each = (of: (encoding: AffineEncoding) => Float64Array) =>
    Float64Array.from({ length: width }, (_, c) => of(coded[Math.floor(c / columns)] as AffineEncoding)[0] as number);
  const codes = laid(new Uint8Array(rows * width), ({ encoding }) => (encoding as AffineEncoding).codes);
  const encoding = { ...first, axis: 1, scale: each(({ scale }) => scale), min: each(({ min }) => min), codes };
  return { shape, values, encoding };
}

function biases(call: Call): LaidOut {
  const layout = `biases of ${[12, 13, 14, 15].map((place) => call.tensor(place).index).join()}`;
  return call.weight(12, layout, () => {
    const values = joined([12, 13, 14, 15].map((place) => call.constant(place).values));
    return { shape: [values.length], values, encoding: float32 };
  });
}
