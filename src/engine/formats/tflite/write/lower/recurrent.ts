/**
 * Recurrent layers, step by step, since that runs everywhere; an LSTM of the usual kind may be one operator (lstm.ts). The input is multiplied by the kernel for all steps at once; each step is what model/ops/recurrent-cells.ts says, where products with the
 * first state, which is zero, are left out.
 */
import type { BidirectionalAttrs } from '../../../../model/ops/bidirectional.ts';
import { directions } from '../../../../model/ops/bidirectional.ts';
import type { MaskingAttrs } from '../../../../model/ops/masking.ts';
import type { RecurrentAttrs } from '../../../../model/ops/recurrent.ts';
import type { CellKind } from '../../../../model/ops/recurrent-cells.ts';
import type { FlowTensor, GraphTensor, KernelTensor, VectorTensor } from '../graph.ts';
import { notWritable } from '../refusal.ts';
import { activate, add, mul, sub } from './activation.ts';
import type { Layer, Lowering } from './builder.ts';
import { biasAt, kernelAt, mostSteps, part, rows } from './cell-parts.ts';
import { product } from './convolution.ts';
import { kernelOf } from './kernel.ts';
import { nativeLstm } from './lstm.ts';

const chosen = (layer: Layer, keep: FlowTensor, yes: GraphTensor, no: GraphTensor, shape: readonly number[], last = false) =>
  layer.emit('SELECT_V2', [keep, yes, no], { shape, last, options: { table: 'SelectV2Options' } });

/** Whether each step holds anything but `maskValue`: [1, steps, 1]. */
function keptSteps(layer: Layer, source: FlowTensor, maskValue: number): FlowTensor {
  const x = source.shape.length === 2 ? layer.reshape(source, [...source.shape, 1]) : source;
  const differs = layer.emit('NOT_EQUAL', [x, layer.scalar(maskValue)], { isBool: true });
  const last = x.shape.length - 1;
  return layer.emit('REDUCE_ANY', [differs, layer.index('axis', [last])], {
    shape: [...x.shape.slice(0, -1), 1],
    isBool: true,
    options: { table: 'ReducerOptions', keepDims: true },
  });
}

/** One layer's constants, and what its step makes of xW + b and the states; the first step has none. */
interface CellParts {
  readonly input: KernelTensor;
  readonly bias: VectorTensor | null;
  step(projected: FlowTensor, states: readonly FlowTensor[]): readonly FlowTensor[];
}

type MakeCell = (layer: Layer, scope: string, attrs: RecurrentAttrs) => CellParts;

const simpleCell: MakeCell = (layer, scope, { cellActivation }) => {
  const recurrent = kernelAt(layer, `${scope}recurrent_kernel`);
  return {
    input: kernelAt(layer, `${scope}kernel`),
    bias: biasAt(layer, `${scope}bias`),
    step(projected, [h]) {
      const all = h === undefined ? projected : add(layer, projected, product(layer, h, recurrent, null));
      return [activate(layer, all, cellActivation)];
    },
  };
};

const lstmCell: MakeCell = (layer, scope, { units, cellActivation, gateActivation }) => {
  const recurrent = kernelAt(layer, `${scope}recurrent_kernel`);
  return {
    input: kernelAt(layer, `${scope}kernel`),
    bias: biasAt(layer, `${scope}bias`),
    step(projected, [h, c]) {
      const all = h === undefined ? projected : add(layer, projected, product(layer, h, recurrent, null));
      const gate = (at: number, name: RecurrentAttrs['cellActivation']) =>
        activate(layer, part(layer, all, 2, at * units, (at + 1) * units), name);
      const fresh = mul(layer, gate(0, gateActivation), gate(2, cellActivation));
      const next = c === undefined ? fresh : add(layer, mul(layer, gate(1, gateActivation), c), fresh);
      return [mul(layer, gate(3, gateActivation), activate(layer, next, cellActivation)), next];
    },
  };
};

const gruCell: MakeCell = (layer, scope, { units, cellActivation, gateActivation, resetAfter }) => {
  const width = 3 * units;
  const recurrent = kernelAt(layer, `${scope}recurrent_kernel`);
  const whole = resetAfter ? recurrent : rows(layer, recurrent, 0, 2 * units);
  const candidateKernel = resetAfter ? null : rows(layer, recurrent, 2 * units, width);
  const carriedBias = resetAfter ? biasAt(layer, `${scope}bias`, width, width) : null;
  const block = (x: FlowTensor, from: number, to: number) => part(layer, x, 2, from * units, to * units);
  /** What is left of hU + d before the first step, where h is zero. */
  const carried = (from: number, to: number): GraphTensor | null =>
    carriedBias === null ? null : layer.vector('bias/part', carriedBias.values.subarray(from * units, to * units));
  return {
    input: kernelAt(layer, `${scope}kernel`),
    bias: biasAt(layer, `${scope}bias`, 0, width),
    step(projected, [h]) {
      const all = h === undefined ? null : product(layer, h, whole, carriedBias);
      const plus = (x: FlowTensor, more: GraphTensor | null) => (more === null ? x : add(layer, x, more));
      const before = all === null ? carried(0, 2) : block(all, 0, 2);
      const gates = activate(layer, plus(block(projected, 0, 2), before), gateActivation);
      const [update, reset] = [block(gates, 0, 1), block(gates, 1, 2)];
      const past = (): FlowTensor | null => {
        if (h !== undefined && candidateKernel !== null) return product(layer, mul(layer, reset, h), candidateKernel, null);
        const last = all === null ? carried(2, 3) : block(all, 2, 3);
        return last === null ? null : mul(layer, reset, last);
      };
      const candidate = activate(layer, plus(block(projected, 2, 3), past()), cellActivation);
      const fresh = mul(layer, sub(layer, layer.scalar(1), update), candidate);
      return [h === undefined ? fresh : add(layer, mul(layer, update, h), fresh)];
    },
  };
};

const makeCell: Readonly<Record<CellKind, MakeCell>> = { LSTM: lstmCell, GRU: gruCell, SimpleRNN: simpleCell };

/** The output of every step, in the order in which they are made: [1, 1, units] each. */
function unrolled(layer: Layer, cell: CellKind, attrs: RecurrentAttrs, scope: string): FlowTensor[] {
  const [x, source] = layer.inputs as [FlowTensor, FlowTensor | undefined];
  const [, steps = 1] = x.shape;
  if (steps > mostSteps) {
    const reason = `it has ${steps} steps, and each becomes operators of its own; ${mostSteps} are the most`;
    throw notWritable(layer.node.name, reason, 'Shorten its sequences in Keras, or save for TF.js.');
  }
  const { input, bias, step } = makeCell[cell](layer, scope, attrs);
  const projected = product(layer, x, input, bias);
  const kept = source === undefined ? null : keptSteps(layer, source, attrs.maskValue);
  const order = Array.from({ length: steps }, (_, at) => (attrs.goBackwards ? steps - 1 - at : at));
  let states: readonly FlowTensor[] = [];
  return order.map((at) => {
    const made = step(part(layer, projected, 1, at, at + 1), states);
    const [output] = made as [FlowTensor];
    if (kept === null) {
      states = made;
      return output;
    }
    const keep = part(layer, kept, 1, at, at + 1);
    const none = layer.scalar(0);
    states = made.map((state, i) => chosen(layer, keep, state, states[i] ?? none, state.shape));
    return attrs.zeroMasked ? chosen(layer, keep, output, none, output.shape) : (states[0] as FlowTensor);
  });
}

/** Steps one behind the other, or the last of them. */
function gathered(layer: Layer, outputs: readonly FlowTensor[], { returnSequences, units }: RecurrentAttrs, last: boolean) {
  const final = outputs.at(-1) as FlowTensor;
  if (!returnSequences || outputs.length === 1) {
    return layer.reshape(final, returnSequences ? [1, 1, units] : [1, units], last);
  }
  const shape = [1, outputs.length, units];
  return layer.emit('CONCATENATION', outputs, { shape, last, options: { table: 'ConcatenationOptions', axis: 1 } });
}

export const recurrent =
  (cell: CellKind): Lowering =>
  (layer) => {
    const attrs = layer.node.attrs as RecurrentAttrs;
    const native = cell === 'LSTM' ? nativeLstm(layer, attrs) : null;
    if (native !== null) return native;
    return gathered(layer, unrolled(layer, cell, attrs, ''), attrs, true);
  };

export const bidirectional: Lowering = (layer) => {
  const attrs = layer.node.attrs as BidirectionalAttrs;
  const ahead = unrolled(layer, attrs.cell, attrs, directions[0]);
  const against = unrolled(layer, attrs.cell, { ...attrs, goBackwards: !attrs.goBackwards }, directions[1]);
  if (attrs.returnSequences) against.reverse();
  const [forward, backward] = [gathered(layer, ahead, attrs, false), gathered(layer, against, attrs, false)];
  switch (attrs.merge) {
    case 'concat':
      return layer.emit('CONCATENATION', [forward, backward], {
        last: true,
        options: { table: 'ConcatenationOptions', axis: layer.shape.length - 1 },
      });
    case 'sum':
      return add(layer, forward, backward, true);
    case 'mul':
      return mul(layer, forward, backward, true);
    case 'ave':
      return mul(layer, add(layer, forward, backward), layer.scalar(0.5), true);
  }
};

export const masking: Lowering = (layer) => {
  const x = layer.input();
  const keep = keptSteps(layer, x, (layer.node.attrs as MaskingAttrs).maskValue);
  return chosen(layer, keep, x, layer.scalar(0), x.shape, true);
};

/** Rows of a table; its numbers are whole. */
export const embedding: Lowering = (layer) => {
  const given = layer.input();
  const numbers = given.isIndex
    ? given
    : layer.emit('CAST', [given], { isIndex: true, options: { table: 'CastOptions', from: 'FLOAT32', to: 'INT32' } });
  const [inputDim = 1, outputDim = 1] = layer.weight('embeddings')?.shape ?? [];
  const table = kernelOf(layer, 'embeddings', { shape: [inputDim, outputDim], axis: 1, scaleAxis: 1 });
  // Rows of integers would come out as integers.
  return layer.emit('GATHER', [{ ...table, floatWithFloats: true }, numbers], {
    last: true,
    options: { table: 'GatherOptions' },
  });
};
