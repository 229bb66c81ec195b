/**
 * A stored tensor while it is trained: latent numbers that the optimizer moves, the values that the network sees, and the form in which
 * the result is stored. Pruned weights, palettes and grids are kept by how latent numbers become values:
 *
 *   plain     value = latent                        ∂latent = ∂value
 *   half      value = nearest binary16              ∂latent = ∂value (straight-through, Bengio et al. 2013)
 *   grid      value = nearest level of a grid       straight-through within its range (grid-weight.ts)
 *   palette   value = centroid of a fixed code      ∂centroid = Σ ∂value of its members (palette-weight.ts; Han et al. 2016)
 *
 * Everywhere a pruned weight is 0 and learns nothing.
 */
import { halfBits, halfMax, halfValue } from '../math/half.ts';
import type { Weight } from '../model/model.ts';
import type { Parameter } from './optimizer.ts';

export interface TrainableWeight {
  readonly shape: readonly number[];
  /** What the optimizer changes in place. */
  readonly parameters: readonly Parameter[];
  /** 1 where a weight is kept, 0 where it was pruned; gradual pruning replaces it. */
  mask: Uint8Array | undefined;
  /** What magnitudes are ranked by, row-major; valid until the next step. */
  readonly latent: Float32Array;
  /** For grids that follow their latent numbers: called before every epoch but the first. */
  refit?(): void;
  /** The values that the network sees now, row-major; valid until the next step. */
  values(): Float32Array;
  /** From the gradient of the values to those of the parameters, in their order. May change the array it is given. */
  gradients(slope: Float32Array): Float32Array[];
  /** The tensor as it is stored. */
  encode(): Weight;
}

/** Sets what is pruned to 0, in place. */
export function clearPruned(values: Float32Array, mask: Uint8Array | undefined): Float32Array {
  if (mask === undefined) return values;
  for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
  return values;
}

/** A tensor of plain or half-precision numbers. */
export function floatWeight(weight: Weight, decays: boolean): TrainableWeight {
  const { shape, encoding } = weight;
  const own: Parameter = { values: weight.values.slice(), decays };
  const rounded = encoding.kind === 'float16' ? new Float32Array(own.values.length) : undefined;
  return {
    shape,
    parameters: [own],
    mask: weight.mask,
    get latent() {
      return own.values;
    },
    values() {
      clearPruned(own.values, this.mask);
      if (rounded === undefined) return own.values;
      for (let i = 0; i < rounded.length; i++) rounded[i] = toHalf(own.values[i] as number);
      return rounded;
    },
    gradients(slope) {
      return [clearPruned(slope, this.mask)];
    },
    encode() {
      return { shape, encoding, values: this.values().slice(), ...(this.mask ? { mask: this.mask } : {}) };
    },
  };
}

/** The nearest binary16, beyond its range the largest one. */
function toHalf(value: number): number {
  const half = halfValue(halfBits(value));
  return Number.isFinite(half) ? half + 0 : Math.sign(value) * halfMax;
}
