/** What a .tflite file can't hold as it is, said before saving: layer by layer, with what it costs where values change. */

import { StudioError } from '../../../errors.ts';
import type { Loss, WriteOptions } from '../../../format.ts';
import { halfBits, halfValue } from '../../../math/half.ts';
import { joined } from '../../../math/joined.ts';
import type { Model } from '../../../model/model.ts';
import { relativeRms } from '../../tfjs-layers/snap.ts';
import { fitsNibbles } from './constants.ts';
import type { KernelTensor } from './graph.ts';
import { dynamicCodes } from './place-float.ts';
import { type FilePlan, planFile } from './plan.ts';
import { roundedCodes, type SignedCodes } from './signed-codes.ts';

/** Below this share of zeros there is nothing to say about them. */
const prunedShare = 0.2;

/** Losses of the kind that the options ask for; without options, of the kind that fits the model. */
export function tfliteLosses(model: Model, options: WriteOptions = { precision: 'encoded' }): readonly Loss[] {
  try {
    const plan = planFile(model, options);
    return [...kernelsOf(plan).flatMap((stored) => kernelLoss(stored, plan) ?? []), ...wholeLosses(model, plan)];
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'EXPORT_LAYER') throw error;
    const [layer] = (error.context.layers ?? ['']) as readonly string[];
    return [{ layer: layer ?? '', code: 'layer-not-in-tflite', text: error.detail }];
  }
}

interface Stored {
  readonly layer: string;
  /** The parts that a stored tensor is written as, most often one. */
  readonly parts: readonly KernelTensor[];
}

/** Every stored kernel once. */
function kernelsOf({ graph }: FilePlan): Stored[] {
  const found = new Map<unknown, { layer: string; parts: Set<KernelTensor> }>();
  for (const { inputs, layer } of graph.operators) {
    for (const kernel of inputs) {
      if (kernel?.kind !== 'kernel' || kernel.origin === null) continue;
      const known = found.get(kernel.origin) ?? { layer, parts: new Set() };
      // Of a tensor that several layers use the first is told.
      if (known.layer === layer) known.parts.add(kernel);
      found.set(kernel.origin, known);
    }
  }
  return [...found.values()].map(({ layer, parts }) => ({ layer, parts: [...parts] }));
}

function kernelLoss({ layer, parts }: Stored, { kind, int4, floatLayers }: FilePlan): Loss | null {
  const [kernel] = parts as [KernelTensor, ...KernelTensor[]];
  const { origin } = kernel;
  const stored = describe(kernel);
  const values = joined(parts.map((part) => part.values));
  if (kind === 'float32' || floatLayers.includes(layer) || (kind === 'dynamic' && kernel.floatWithFloats)) {
    if (origin === null || origin.encoding.kind === 'float32') return null;
    return {
      layer,
      code: 'codes-as-floats',
      text: `Its weights (${stored}) are written as float32: the same values, but not fewer bytes.`,
    };
  }
  if (kind === 'float16') {
    const relativeError = relativeRms(
      values,
      values.map((value) => halfValue(halfBits(value))),
    );
    if (relativeError === 0) return null;
    return { layer, code: 'rounded-to-float16', text: `Its weights (${stored}) are rounded to float16.`, relativeError };
  }
  const codes = parts.map((part) =>
    kind === 'dynamic'
      ? dynamicCodes(part)
      : (part.codes ?? roundedCodes(part.values, part.shape, part.shape.length > 2 ? part.axis : null)),
  );
  const coded = codes.filter((own) => own !== null);
  if (coded.length < parts.length) return null;
  if (kernel.codes === null) {
    const relativeError = relativeRms(values, joined(parts.map((part, i) => decoded(part, coded[i] as SignedCodes))));
    return { layer, code: 'rounded-to-int8', text: `Its weights (${stored}) are rounded to int8.`, relativeError };
  }
  const bits = origin?.encoding.kind === 'affine' ? origin.encoding.bits : 8;
  const fits = bits <= 4 && parts.every((part, i) => fitsNibbles(part, (coded[i] as SignedCodes).codes));
  if (bits === 8 || (int4 && fits)) return null;
  const kept = `Its ${bits}-bit codes are kept exactly, but each takes a byte`;
  return fits
    ? { layer, code: 'unpacked-codes', text: `${kept}, unless two are packed into one.` }
    : { layer, code: 'wide-codes', text: `${kept}.` };
}

/** How the model stores a kernel, in a few words. */
function describe({ origin }: KernelTensor): string {
  const encoding = origin?.encoding;
  if (encoding?.kind === 'codebook') return `palette of ${2 ** encoding.bits}`;
  if (encoding?.kind !== 'affine') return encoding?.kind ?? 'float32';
  return `${encoding.bits} bits${encoding.symmetric ? '' : ', asymmetric'}${encoding.group === undefined ? '' : `, groups of ${encoding.group}`}`;
}

function decoded({ values, shape, axis }: KernelTensor, { codes, scale }: SignedCodes): Float32Array {
  const channels = scale.length;
  const per = axis === 0 ? values.length / (shape[0] ?? 1) : 1;
  return Float32Array.from(codes, (code, i) => code * (scale[Math.floor(i / per) % channels] as number));
}

function wholeLosses(model: Model, { kind, file, floatLayers }: FilePlan): Loss[] {
  const losses: Loss[] = floatLayers.map((layer) => ({
    layer,
    code: 'float-layer',
    text: 'It computes with floats, since TFLite has no integer operator for it or its values have no grids: slow where there is no floating-point unit.',
  }));
  if (kind === 'dynamic') {
    const text =
      'What flows into layers with int8 weights is rounded to 8 bits while the file runs: its answers differ a little from the ones here.';
    losses.push({ layer: '', code: 'dynamic-inputs', text });
  }
  if (file.operators.some(({ inputs }) => inputs.some((tensor) => tensor?.type === 'INT4'))) {
    const text = 'Some codes stand two to a byte: LiteRT opens the file, older TensorFlow Lite interpreters refuse it.';
    losses.push({ layer: '', code: 'needs-litert', text });
  }
  if (file.operators.some(({ code }) => code === 'UNIDIRECTIONAL_SEQUENCE_LSTM')) {
    const text =
      'An LSTM is one operator that keeps a state: interpreters of TensorFlow Lite and microcontrollers run it, LiteRT and LiteRT.js refuse the file.';
    losses.push({ layer: '', code: 'needs-interpreter', text });
  }
  const [zeros, all] = [...model.weights.values()].reduce<[number, number]>(
    ([zero, total], { values, mask }) =>
      mask === undefined ? [zero, total] : [zero + countZeros(values), total + values.length],
    [0, 0],
  );
  if (zeros > prunedShare * all) {
    losses.push({
      layer: '',
      code: 'dense-zeros',
      text: 'Pruned weights are stored as zeros: the file gets smaller only where it is zipped.',
    });
  }
  return losses;
}

function countZeros(values: Float32Array): number {
  let zeros = 0;
  for (const value of values) if (value === 0) zeros++;
  return zeros;
}
