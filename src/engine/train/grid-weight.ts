/**
 * Uniform grids while their weights are trained: value = (code − z) s, code = clamp(⌊w / s⌉ + z, 0, top).
 *
 * A fixed grid passes gradients straight through to the latent numbers in its range (half a step beyond its ends, since latent numbers
 * start on levels). A learned step (LSQ, Esser et al. 2020) has a gradient of its own, with v = w / s, Qn = z and Qp = top − z:
 *
 *   ∂value/∂s = −v + ⌊v⌉ inside of (−Qn, Qp), −Qn below, Qp above;   scaled by 1 / √(N Qp);   ∂value/∂w = 1 inside, else 0
 *
 * One symmetric bit is ±s: ∂value/∂s is the sign, and every latent number learns.
 */
import { roundHalfEven } from '../math/rounding.ts';
import { type AffineEncoding, scaleIndexOf } from '../model/encoding.ts';
import type { Weight } from '../model/model.ts';
import { channelsOf } from '../techniques/quantize/channels.ts';
import type { Parameter } from './optimizer.ts';
import { clearPruned, type TrainableWeight } from './weight.ts';

/** Where a grid lies: one scale and one value of code 0 per channel, or per group of a channel. */
export type Scales = Pick<AffineEncoding, 'scale' | 'min'>;

export interface GridOptions {
  readonly grid: Pick<AffineEncoding, 'bits' | 'symmetric' | 'axis' | 'group'> & Scales;
  /** The largest code. */
  readonly top: number;
  /** Learns the steps; zero must be a level then. */
  readonly learned: boolean;
  /** For a grid that follows its latent numbers: laid anew before each epoch. */
  readonly refit?: (latent: Float32Array) => Scales;
}

/** The largest code that a stored grid may hold: a narrow symmetric one leaves the highest unused. */
export function topOf({ bits, symmetric, scale, min }: AffineEncoding): number {
  if (!symmetric || bits === 1) return 2 ** bits - 1;
  return Math.round(-(min[0] as number) / (scale[0] as number)) + 2 ** (bits - 1) - 1;
}

/** How many scales there are, how many weights of one lie side by side, and how many there are of one in all. */
function runsOf(shape: readonly number[], { axis, group, scale }: GridOptions['grid']) {
  return group === undefined ? channelsOf(shape, axis) : { count: scale.length, stride: 1, size: group };
}

/** A tensor of latent numbers on a grid. */
export function gridWeight({ shape, values: start, mask: given }: Weight, options: GridOptions): TrainableWeight {
  const { grid, top, learned } = options;
  const { count, stride, size } = runsOf(shape, grid);
  const binary = grid.symmetric && grid.bits === 1;
  const own: Parameter = { values: start.slice(), decays: true };
  const values = new Float32Array(start.length);
  const codes = grid.bits > 8 ? new Uint16Array(start.length) : new Uint8Array(start.length);
  const levels = { scale: grid.scale.slice(), min: grid.min.slice() };
  const zeros = levels.scale.map((scale, c) => (binary ? 0.5 : Math.round(-(levels.min[c] as number) / scale)));
  const begun = Float32Array.from(levels.scale, (scale) => (binary ? scale / 2 : scale));
  const learning: Parameter = { values: begun, decays: false, paces: begun.slice() };
  const least = begun.map((step) => step / 100);
  const lessons = zeros.map((zero) => 1 / Math.sqrt(size * Math.max(binary ? 1 : top - zero, 1)));

  /** Scales and minima from the learned steps; a step never shrinks to nothing. */
  function follow(): void {
    const steps = learning.values;
    steps.forEach((step, c) => {
      const kept = Math.max(step, least[c] as number);
      steps[c] = kept;
      levels.scale[c] = binary ? 2 * kept : kept;
      levels.min[c] = -(zeros[c] as number) * (levels.scale[c] as number);
    });
  }
  /** Calls `visit` with the first and the last index + 1 of each run of elements of one channel. */
  function runs(visit: (channel: number, from: number, to: number) => void): void {
    const indexOf = grid.group === undefined ? undefined : scaleIndexOf(grid, shape);
    for (let from = 0, channel = 0; from < values.length; from += stride) {
      visit(indexOf?.(from) ?? channel, from, from + stride);
      if (++channel === count) channel = 0;
    }
  }
  function project(mask: Uint8Array | undefined): void {
    if (learned) follow();
    const { scale, min } = levels;
    const latent = own.values;
    runs((channel, from, to) => {
      const step = scale[channel] as number;
      const low = min[channel] as number;
      for (let i = from; i < to; i++) {
        const place = ((latent[i] as number) - low) / step;
        const code = binary ? (place >= 0.5 ? 1 : 0) : roundHalfEven(place < 0 ? 0 : place > top ? top : place);
        codes[i] = mask?.[i] === 0 ? (zeros[channel] as number) : code;
        values[i] = (codes[i] as number) * step + low;
      }
    });
  }
  function slopesOfSteps(slope: Float32Array): Float32Array {
    const sums = new Float64Array(count);
    const [latent, steps] = [own.values, learning.values];
    runs((channel, from, to) => {
      const step = steps[channel] as number;
      const zero = zeros[channel] as number;
      let sum = 0;
      for (let i = from; i < to; i++) {
        const v = (latent[i] as number) / step;
        const level = (codes[i] as number) - zero;
        const outside = v <= -zero || v >= top - zero;
        sum += (slope[i] as number) * (binary ? 2 * level : outside ? level : level - v);
      }
      sums[channel] = (sums[channel] as number) + sum;
    });
    return Float32Array.from(sums, (sum, c) => sum * (lessons[c] as number));
  }
  function passThrough(slope: Float32Array): Float32Array {
    if (binary) return slope;
    const margin = learned ? 0 : 0.5;
    const latent = own.values;
    runs((channel, from, to) => {
      const step = levels.scale[channel] as number;
      const low = levels.min[channel] as number;
      for (let i = from; i < to; i++) {
        const place = ((latent[i] as number) - low) / step;
        if (place <= -margin || place >= top + margin) slope[i] = 0;
      }
    });
    return slope;
  }

  return {
    shape,
    parameters: learned ? [own, learning] : [own],
    mask: given,
    get latent() {
      return own.values;
    },
    values() {
      project(this.mask);
      return values;
    },
    gradients(slope) {
      clearPruned(slope, this.mask);
      const ofSteps = learned ? [slopesOfSteps(slope)] : [];
      return [passThrough(slope), ...ofSteps];
    },
    refit() {
      const next = options.refit?.(own.values);
      if (next === undefined) return;
      levels.scale.set(next.scale);
      levels.min.set(next.min);
      levels.scale.forEach((scale, c) => {
        zeros[c] = binary ? 0.5 : Math.round(-(levels.min[c] as number) / scale);
      });
    },
    encode() {
      project(this.mask);
      const { bits, symmetric, axis, group } = grid;
      const scales = { scale: levels.scale.slice(), min: levels.min.slice() };
      const encoding: AffineEncoding = {
        kind: 'affine',
        bits,
        symmetric,
        axis,
        ...(group === undefined ? {} : { group }),
        ...scales,
        codes: codes.slice(),
      };
      return { shape, encoding, values: values.slice(), ...(this.mask ? { mask: this.mask } : {}) };
    },
  };
}
