/**
 * Models that give pictures: PSNR of the result against the original, and of both against what is wanted: the targets, or the input
 * itself where it has the output's shape and there are none (an autoencoder).
 */
import { createPsnrCounter, peakOf } from '../metrics/psnr.ts';
import type { Shape } from '../model/model.ts';
import type { Measured } from '../report.ts';
import type { AnswerTally } from './answers.ts';
import { createWorst } from './worst.ts';

export interface PictureSample {
  readonly index: number;
  /** dB, result against original; null where they are equal. */
  readonly psnr: number | null;
}

export interface PictureAnswers {
  readonly kind: 'pictures';
  /** Height, width, channels. */
  readonly shape: readonly number[];
  /** The span of values that PSNR is told for: 1, 2 or 255. */
  readonly peak: number;
  /** What both models are compared with. */
  readonly against: 'targets' | 'input' | null;
  /** Null where every value is equal. */
  readonly result: Measured | null;
  readonly before: Measured | null;
  readonly after: Measured | null;
  /** Samples that changed most, worst first. */
  readonly worst: readonly PictureSample[];
}

interface PictureTallyOptions {
  readonly targets: Float32Array | null;
  readonly width: number;
  readonly input: readonly number[];
  readonly shape: Shape;
  readonly top: number;
}

export function createPictureTally({ targets, width, input, shape, top }: PictureTallyOptions): AnswerTally {
  const same = input.length === shape.length && input.every((size, axis) => size === shape[axis]);
  const against = targets !== null ? 'targets' : same ? 'input' : null;
  const [result, before, after] = [createPsnrCounter(), createPsnrCounter(), createPsnrCounter()];
  const worst = createWorst<PictureSample>(top, ({ psnr }) => -(psnr ?? Number.POSITIVE_INFINITY));
  let peak = 0;
  return {
    add(batch) {
      peak = Math.max(peak, peakOf(batch.before));
      result.add(batch.before, batch.after);
      const wanted =
        against === 'targets'
          ? targets?.subarray(batch.start * width, (batch.start + batch.count) * width)
          : against === 'input'
            ? batch.inputs[0]
            : undefined;
      if (wanted !== undefined) {
        before.add(wanted, batch.before);
        after.add(wanted, batch.after);
      }
      for (let row = 0; row < batch.count; row++) {
        const own = createPsnrCounter();
        own.add(batch.before.subarray(row * width, (row + 1) * width), batch.after.subarray(row * width, (row + 1) * width));
        worst.add({ index: batch.start + row, psnr: own.figure(1)?.value ?? null });
      }
    },
    result: () => ({
      kind: 'pictures',
      shape: shape.map((size) => size ?? 1),
      peak,
      against,
      result: result.figure(peak),
      before: before.figure(peak),
      after: after.figure(peak),
      worst: worst.list().map(({ index, psnr }) => ({ index, psnr: psnr === null ? null : psnr + 20 * Math.log10(peak) })),
    }),
  };
}
