/**
 * Non-uniform quantization by palettes (weight sharing, Han et al. 2016): each weight is one of 2^bits values. The palette is found by
 * k-means, or is NF4 or powers of two; the whole tensor has one, or each of `groups` runs of output channels has its own.
 */
import * as v from 'valibot';
import type { WeightSlot } from '../../model/op.ts';
import { choiceParam, integerParam, switchParam } from '../../params.ts';
import { defineTechnique } from '../../technique.ts';
import { type Cost, costOf, notSmaller } from '../storage.ts';
import { mapTargets, noteOn } from '../walk.ts';
import { codeCodebook, groupCount } from './codebook-codes.ts';
import { estimatePalette } from './codebook-estimate.ts';
import { paletteKinds } from './palette.ts';

const params = v.strictObject({
  bits: integerParam({ title: 'Bits', fallback: 4, min: 1, max: 8, unit: 'bit' }),
  palette: choiceParam({ title: 'Palette', fallback: 'k-means', options: paletteKinds }),
  groups: integerParam({ title: 'Palettes per tensor', fallback: 1, min: 1, max: 64 }),
  vectors: switchParam({ title: 'Biases and normalization too', fallback: false }),
});

export type CodebookParams = v.InferOutput<typeof params>;

interface Layout extends Cost {
  readonly axis: number | null;
  readonly groups: number;
  readonly bits: number;
}

function layoutOf(slot: WeightSlot, elements: number, { palette, bits: asked, groups: runs }: CodebookParams): Layout {
  const bits = palette === 'nf4' ? 4 : asked;
  const axis = runs > 1 && slot.kind === 'kernel' ? slot.channelAxis : null;
  const groups = axis === null ? 1 : groupCount(slot.shape[axis] ?? 1, runs);
  return { kind: 'codebook', axis, groups, bits, payloadBits: bits * elements + groups * 2 ** bits * 32 };
}

function refusal(now: Cost, next: Layout, masked: boolean, { palette }: CodebookParams) {
  if (masked && palette === 'power-of-two' && next.bits === 1) {
    return {
      code: 'no-zero-level',
      text: 'It stays as it is: one bit of powers of two is ±2^e without a zero, and its pruned weights must stay zero.',
    };
  }
  const text = notSmaller(now, next);
  return text === undefined ? undefined : { code: 'not-smaller', text };
}

export const quantizeCodebook = defineTechnique<CodebookParams>({
  id: 'quantize/codebook',
  title: 'Palette quantization',
  summary: 'Stores each weight as one of a few shared values: k-means, NF4 or powers of two.',
  params,
  phase: 'grid',
  supports: (slot, _node, { vectors }) => slot.kind === 'kernel' || vectors,
  estimate(sketch, options) {
    const { elements, stored, masked, slot } = sketch;
    const layout = layoutOf(slot, elements, options);
    const now = { kind: stored.kind, payloadBits: stored.bits * elements + stored.overheadBits };
    if (refusal(now, layout, masked, options) !== undefined) return sketch;
    const { entropy, fileBits } = estimatePalette(sketch, options.palette, layout.bits);
    return {
      ...sketch,
      stored: {
        kind: 'codebook',
        bits: layout.bits,
        overheadBits: layout.payloadBits - layout.bits * elements,
        entropy,
        fileBits,
        fileEntropy: Math.min(fileBits, entropy + Math.log2(layout.groups)),
      },
    };
  },
  apply(model, targets, context) {
    return mapTargets(this.id, model, targets, context, (target) => {
      const { weight, slot, params: options } = target;
      const layout = layoutOf(slot, weight.values.length, options);
      const now = costOf(weight.encoding, weight.values.length);
      const refused = refusal(now, layout, weight.mask !== undefined, options);
      if (refused !== undefined) return { notes: [noteOn(target, refused.code, refused.text)] };
      const { palette } = options;
      const coded = codeCodebook(weight.values, weight.shape, { ...layout, palette }, weight.mask, context.rng);
      const fixed = palette === 'nf4' && options.bits !== 4;
      return {
        weight: { ...weight, ...coded },
        notes: fixed ? [noteOn(target, 'nf4-bits', `NF4 has 16 levels: 4 bits were used instead of ${options.bits}.`)] : [],
      };
    });
  },
});
