/**
 * UNIDIRECTIONAL_SEQUENCE_LSTM, one operator for all steps of an LSTM with the usual activations, where it is asked for or where there are
 * too many steps to be written out: LiteRT's compiled models, those of LiteRT.js too, take no file with a state. Interpreters keep it from one run
 * to the next, and not all can be told to forget it. So the file does: a step of zeros comes first, with one more input that is a large
 * number there and 0 elsewhere. Its weights close the input gate and the forget gate, i = f = 0, so that c = 0 and h = o ∘ tanh(0) = 0,
 * whatever was before. What that step gives is cut off.
 */
import type { RecurrentAttrs } from '../../../../model/ops/recurrent.ts';
import type { FlowTensor, GraphTensor, KernelTensor } from '../graph.ts';
import type { Layer } from './builder.ts';
import { biasAt, kernelAt, mostSteps, part, rows } from './cell-parts.ts';

/** In the order of Keras' columns: input, forget, cell, output. */
const gates = [0, 1, 2, 3] as const;
/** What the first step adds to the input gate and the forget gate: e^−10000 is 0. */
const closing = 10_000;
/** Fewer weights gain nothing as integers. */
const smallestRounded = 1024;

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The layer's output; null where an LSTM is not of this kind. */
export function nativeLstm(layer: Layer, attrs: RecurrentAttrs): FlowTensor | null {
  const [x, mask] = layer.inputs as [FlowTensor, FlowTensor | undefined];
  const plain = attrs.cellActivation === 'tanh' && attrs.gateActivation === 'sigmoid' && !attrs.goBackwards;
  if (!plain || mask !== undefined || layer.batch !== 1) return null;
  const [, steps = 1] = x.shape;
  if (!layer.fusedLstm && steps <= mostSteps) return null;
  const stored = [kernelAt(layer, 'kernel'), kernelAt(layer, 'recurrent_kernel')] as const;
  // Codes with a scale per unit are kept by other operators.
  if (layer.integerWeights && stored.some(({ codes }) => codes !== null && codes.scale.length > 1)) return null;
  const { units } = attrs;
  const [kernel, recurrent] = stored.map((whole) => gates.map((gate) => gateOf(layer, whole, stored, gate, units)));
  const [input, forget] = (kernel ?? []).map(({ values }) => largest(values) || 1) as [number, number];
  const closed = (kernel ?? []).map((own, gate) => ({ ...own, oneMore: gate === 0 ? -input : gate === 1 ? -forget : 0 }));
  const bias = gates.map((gate) => biasAt(layer, 'bias', gate * units, units) ?? layer.vector('bias', new Float32Array(units)));
  const states = ['output_state', 'cell_state'].map(
    (role): GraphTensor => ({ kind: 'state', name: layer.name(role), shape: [1, units] }),
  );
  const begun = withFirstStep(layer, x, closing / Math.min(input, forget));
  const none = [null, null, null];
  const inputs = [begun, ...closed, ...(recurrent ?? []), ...none, ...bias, null, null, ...states, null, ...none];
  const all = layer.emit('UNIDIRECTIONAL_SEQUENCE_LSTM', inputs, {
    shape: [1, steps + 1, units],
    options: { table: 'UnidirectionalSequenceLSTMOptions', asymmetricInputs: false },
  });
  if (attrs.returnSequences) return part(layer, all, 1, 1, steps + 1, true);
  return layer.reshape(part(layer, all, 1, steps, steps + 1), layer.shape, true);
}

/** A step of zeros and the number, then the steps with a zero behind each. */
function withFirstStep(layer: Layer, x: FlowTensor, number: number): FlowTensor {
  const [, steps = 1, features = 1] = x.shape;
  const wide = layer.emit('PAD', [x, layer.index('padding', [0, 0, 0, 0, 0, 1], [3, 2])], {
    shape: [1, steps, features + 1],
    options: { table: 'PadOptions' },
    floats: true,
  });
  const first = layer.vector('first_step', [...new Array<number>(features).fill(0), number], [1, 1, features + 1]);
  return layer.emit('CONCATENATION', [first, wide], {
    shape: [1, steps + 1, features + 1],
    options: { table: 'ConcatenationOptions', axis: 1 },
    floats: true,
  });
}

/** A gate's rows; integers in all eight kernels of the layer, or in none. */
function gateOf(layer: Layer, whole: KernelTensor, all: readonly KernelTensor[], gate: number, units: number): KernelTensor {
  const own = rows(layer, whole, gate * units, (gate + 1) * units);
  const coded = all.some(({ origin }) => origin?.encoding.kind === 'affine' || origin?.encoding.kind === 'codebook');
  const many = all.reduce((sum, { values }) => sum + values.length, 0) >= smallestRounded;
  return coded || many ? { ...own, alike: true } : { ...own, floatWithFloats: true };
}
