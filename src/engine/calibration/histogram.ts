/**
 * A histogram of numbers whose range is not known beforehand, in 2,048 bins of memory. Bins are [k w, (k + 1) w) with a width w that is a
 * power of two: where a number falls outside, two neighbours become one and w doubles, which moves no count to another place. More
 * than half of the bins lie between the least and the largest number, always. Exact zeros are counted apart, since every grid has zero.
 */
export const bins = 2048;

export interface Histogram {
  /** Count of bin i is of numbers in [(first + i) width, (first + i + 1) width), zeros left out. */
  readonly counts: Float64Array;
  readonly first: number;
  readonly width: number;
  readonly zeros: number;
  /** Of all finite numbers; min > max where there were none. */
  readonly min: number;
  readonly max: number;
  /** All finite numbers, zeros included. */
  readonly total: number;
  /** NaN and infinities, which are left out. */
  readonly notFinite: number;
}

export interface StreamingHistogram extends Histogram {
  add(values: Float32Array): void;
}

/** The least power of two that is no less than x > 0. */
const powerAbove = (x: number): number => 2 ** Math.ceil(Math.log2(x));

export function createHistogram(): StreamingHistogram {
  let counts = new Float64Array(bins);
  let [first, width, zeros, total, notFinite] = [0, 0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  /** Makes room for [low, high] beside what is there. */
  function cover(low: number, high: number): void {
    // All that will be counted is zero.
    if (low === 0 && high === 0) return;
    if (width === 0) {
      width = powerAbove(Math.max(high - low, Math.abs(high) / 2 ** 20, Math.abs(low) / 2 ** 20, 2 ** -126) / (bins - 1));
      first = Math.floor(low / width);
    }
    const filled = min <= max;
    while (Math.floor(high / width) - Math.floor(low / width) >= bins) halve();
    const [from, to] = [Math.floor(low / width), Math.floor(high / width)];
    if (from >= first && to < first + bins) return;
    const moved = new Float64Array(bins);
    if (filled) for (let i = 0; i < bins; i++) if (counts[i] !== 0) moved[first + i - from] = counts[i] as number;
    counts = moved;
    first = from;
  }
  /** Doubles the width. */
  function halve(): void {
    const next = new Float64Array(bins);
    const start = Math.floor(first / 2);
    for (let i = 0; i < bins; i++) {
      const at = Math.floor((first + i) / 2) - start;
      next[at] = (next[at] as number) + (counts[i] as number);
    }
    counts = next;
    first = start;
    width *= 2;
  }

  return {
    get counts() {
      return counts;
    },
    get first() {
      return first;
    },
    get width() {
      return width;
    },
    get zeros() {
      return zeros;
    },
    get min() {
      return min;
    },
    get max() {
      return max;
    },
    get total() {
      return total;
    },
    get notFinite() {
      return notFinite;
    },
    add(values) {
      let [low, high] = [min, max];
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        // Infinities and NaN alone are no number after this.
        if (value - value !== 0) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (low > high) {
        notFinite += values.length;
        return;
      }
      cover(low, high);
      [min, max] = [low, high];
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        if (value - value !== 0) notFinite++;
        else {
          total++;
          if (value === 0) zeros++;
          else {
            const at = Math.floor(value / width) - first;
            counts[at] = (counts[at] as number) + 1;
          }
        }
      }
    },
  };
}
