/**
 * Half precision: every value to the nearest IEEE binary16, ties to even. Values beyond ±65504 are kept at ±65504 and named, since
 * an infinity would spoil every output; what rounds to zero is said too.
 */
import * as v from 'valibot';
import { sparseFloatEntropy } from '../../coding/entropy.ts';
import { halfBits, halfMax, halfValue } from '../../math/half.ts';
import type { Weight } from '../../model/model.ts';
import { switchParam } from '../../params.ts';
import { defineTechnique, type StepNote, type Target } from '../../technique.ts';
import { costOf, notSmaller } from '../storage.ts';
import { mapTargets, noteOn } from '../walk.ts';

const params = v.strictObject({
  vectors: switchParam({ title: 'Biases and normalization too', fallback: false }),
});

type Float16Params = v.InferOutput<typeof params>;

function toHalf(target: Target<Float16Params>): { weight: Weight; notes: StepNote[] } {
  const { weight } = target;
  let beyond = 0;
  let vanished = 0;
  const values = weight.values.map((value) => {
    const half = halfValue(halfBits(value));
    if (half === 0 && value !== 0) vanished++;
    if (Number.isFinite(half)) return half;
    beyond++;
    return Math.sign(value) * halfMax;
  });
  const notes = [];
  if (beyond > 0) notes.push(noteOn(target, 'half-overflow', `${beyond} values beyond ±65504 were set to ±65504.`));
  if (vanished > 0) notes.push(noteOn(target, 'half-underflow', `${vanished} values below 3e-8 became zero.`));
  return { weight: { ...weight, values, encoding: { kind: 'float16' } }, notes };
}

export const quantizeFloat16 = defineTechnique<Float16Params>({
  id: 'quantize/float16',
  title: 'Half precision',
  summary: 'Stores weights as 16-bit floats: half the size, about three significant digits.',
  params,
  phase: 'grid',
  supports: (slot, _node, { vectors }) => slot.kind === 'kernel' || vectors,
  estimate(sketch) {
    const { stored, elements, zeros } = sketch;
    const now = { kind: stored.kind, payloadBits: stored.bits * elements + stored.overheadBits };
    if (notSmaller(now, { kind: 'float16', payloadBits: 16 * elements }) !== undefined) return sketch;
    // Ten bits of mantissa and the sign are noise; the exponents of trained weights hold about 2.5 bits.
    const fileEntropy = sparseFloatEntropy(zeros, 13.5);
    return {
      ...sketch,
      stored: { kind: 'float16', bits: 16, overheadBits: 0, entropy: sparseFloatEntropy(zeros, 16), fileBits: 16, fileEntropy },
    };
  },
  apply(model, targets, context) {
    return mapTargets(this.id, model, targets, context, (target) => {
      const elements = target.weight.values.length;
      const now = costOf(target.weight.encoding, elements);
      const text = notSmaller(now, { kind: 'float16', payloadBits: 16 * elements });
      return text === undefined ? toHalf(target) : { notes: [noteOn(target, 'not-smaller', text)] };
    });
  },
});
