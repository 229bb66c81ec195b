/**
 * Uniform quantization, q = clamp(rint(w / s)), of kernels to 1–8 or 16 bits, symmetric or asymmetric, per output channel or per
 * tensor (Jacob et al. 2018; Krishnamoorthi 2018), or group-wise, per run of weights within a channel (Dettmers & Zettlemoyer 2023). One symmetric bit is ±mean|w| (XNOR-Net); it has no zero, so pruned tensors refuse it.
 * Asymmetric 8 or 16 bits per tensor from min-max are the TF.js converter's bytes. Vectors, where asked for, have one scale each.
 */
import * as v from 'valibot';
import type { WeightSlot } from '../../model/op.ts';
import { choiceParam, integerParam, numberParam, switchParam } from '../../params.ts';
import { defineTechnique, type Target } from '../../technique.ts';
import { type Cost, costOf, notSmaller } from '../storage.ts';
import { mapTargets, noteOn } from '../walk.ts';
import { codeAffine } from './affine-codes.ts';
import { affineEntropy } from './affine-estimate.ts';
import { rangeRules } from './range.ts';

const params = v.strictObject({
  bits: integerParam({ title: 'Bits', fallback: 8, min: 1, max: 16, values: [1, 2, 3, 4, 5, 6, 7, 8, 16], unit: 'bit' }),
  symmetric: switchParam({ title: 'Symmetric around zero', fallback: true }),
  per: choiceParam({ title: 'One scale per', fallback: 'channel', options: ['channel', 'group', 'tensor'] }),
  group: integerParam({ title: 'Group size', fallback: 32, min: 8, max: 1024, values: [16, 32, 64, 128, 256] }),
  range: choiceParam({ title: 'Range', fallback: 'min-max', options: rangeRules }),
  percentile: numberParam({ title: 'Percentile', fallback: 99.99, min: 90, max: 100, step: 0.01, unit: '%' }),
  narrow: switchParam({ title: 'Narrow range', fallback: true }),
  vectors: switchParam({ title: 'Biases and normalization too', fallback: false }),
});

export type AffineParams = v.InferOutput<typeof params>;

interface Layout extends Cost {
  readonly axis: number | null;
  /** Undefined where a channel, or the tensor, has one scale. */
  readonly group: number | undefined;
  readonly scales: number;
}

/** How a tensor will be stored. Groups lie within channels that are the last axis; others, and shorter ones, have one scale a channel. */
function layoutOf(slot: WeightSlot, elements: number, params: AffineParams): Layout {
  const { per, bits, symmetric } = params;
  const axis = per !== 'tensor' && slot.kind === 'kernel' && slot.oneScale !== true ? slot.channelAxis : null;
  const channels = axis === null ? 1 : (slot.shape[axis] ?? 1);
  const splits = per === 'group' && axis === slot.shape.length - 1 && elements / channels > params.group;
  const group = splits ? params.group : undefined;
  const scales = group === undefined ? channels : channels * Math.ceil(elements / channels / group);
  return { kind: 'affine', axis, group, scales, payloadBits: bits * elements + scales * (symmetric ? 32 : 64) };
}

/** Why a tensor is left as it is, with a code; undefined where it is quantized. */
function refusal(now: Cost, next: Cost, masked: boolean, { bits, symmetric }: AffineParams) {
  if (masked && symmetric && bits === 1) {
    return {
      code: 'no-zero-level',
      text: 'It stays as it is: one symmetric bit is ±a without a zero, and its pruned weights must stay zero.',
    };
  }
  const text = notSmaller(now, next);
  return text === undefined ? undefined : { code: 'not-smaller', text };
}

/** Along which axis a tensor has its scales, how many weights of a channel share one, or why it stays as it is. */
export function affineLayout({ slot, weight }: Pick<Target<unknown>, 'slot' | 'weight'>, options: AffineParams) {
  const elements = weight.values.length;
  const layout = layoutOf(slot, elements, options);
  const refused = refusal(costOf(weight.encoding, elements), layout, weight.mask !== undefined, options);
  return { axis: layout.axis, group: layout.group, refused };
}

/** Asked for a scale per channel or group, and given one for the tensor. */
function oneScaleNotes(target: Target<AffineParams>) {
  const { slot, params: asked } = target;
  if (slot.oneScale !== true || slot.kind !== 'kernel' || asked.per === 'tensor') return [];
  const text = `It has one scale for the whole tensor, not one per ${asked.per}: the weights of a TF.js graph-model can have no other.`;
  return [noteOn(target, 'one-scale', text)];
}

export const quantizeAffine = defineTechnique<AffineParams>({
  id: 'quantize/affine',
  title: 'Uniform quantization',
  summary: 'Stores weights as whole numbers of 1–8 or 16 bits times a scale per channel or per tensor.',
  params,
  phase: 'grid',
  supports: (slot, _node, { vectors }) => slot.kind === 'kernel' || vectors,
  estimate(sketch, options) {
    const { elements, stored, masked, slot } = sketch;
    const layout = layoutOf(slot, elements, options);
    const now = { kind: stored.kind, payloadBits: stored.bits * elements + stored.overheadBits };
    if (refusal(now, layout, masked, options) !== undefined) return sketch;
    const entropy = affineEntropy(sketch, layout, options);
    // A TF.js file has one scale per tensor: channel scales move into a BatchNormalization, which needs a bit more where channels
    // have zero points of their own; scales of groups can't be said and need 16 bits.
    const fileBits = options.bits + (layout.axis !== null && !options.symmetric ? 1 : 0);
    return {
      ...sketch,
      stored: {
        kind: 'affine',
        bits: options.bits,
        overheadBits: layout.payloadBits - options.bits * elements,
        entropy: entropy.codes,
        grouped: layout.group !== undefined,
        fileBits: fileBits > 8 || layout.group !== undefined ? 16 : 8,
        fileEntropy: entropy.file,
      },
    };
  },
  apply(model, targets, context) {
    return mapTargets(this.id, model, targets, context, (target) => {
      const { weight, params: options } = target;
      const { axis, group, refused } = affineLayout(target, options);
      if (refused !== undefined) return { notes: [noteOn(target, refused.code, refused.text)] };
      const coded = codeAffine(weight.values, weight.shape, {
        ...options,
        axis,
        group,
        holdsZero: weight.mask !== undefined,
      });
      return { weight: { ...weight, ...coded }, notes: oneScaleNotes(target) };
    });
  },
});
