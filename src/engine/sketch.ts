/**
 * Sketches: what sizes can be estimated from while a slider moves, made once when a model is opened. Three passes over each tensor:
 * extents per channel; histograms of values and of values relative to their channel; and a histogram over the upper 16 bits of
 * the float pattern, whose buckets (1/128 of their value wide) give the quantiles of |w| without sorting.
 */
import { entropyBits, sparseFloatEntropy } from './coding/entropy.ts';
import { patternsOf } from './math/select.ts';
import { type Encoding, payloadBits } from './model/encoding.ts';
import type { Model, Weight } from './model/model.ts';
import { slotsOf } from './slots.ts';
import type { StoredSketch, WeightSketch } from './technique.ts';
import { type Channels, channelExtents, channelsOf } from './techniques/quantize/channels.ts';

const bins = 1024;
const quantiles = 2048;

/** Sketches of all stored tensors that belong to a node, in the order of the nodes. */
export function sketchModel(model: Model): readonly WeightSketch[] {
  return slotsOf(model).map(({ id, node, slot, weight }) => ({
    id,
    layer: node.name,
    op: node.op,
    slot,
    ...measure(weight, slot.channelAxis),
  }));
}

type Measures = Omit<WeightSketch, 'id' | 'layer' | 'op' | 'slot'>;

const measured = new WeakMap<Weight, Measures>();

/** Measures are kept per tensor, so that a model that shares tensors with a sketched one costs nothing. */
function measure(weight: Weight, axis: number | null): Measures {
  const known = measured.get(weight);
  if (known !== undefined) return known;
  const { values, encoding } = weight;
  const elements = values.length;
  const channels = channelsOf(weight.shape, axis);
  const { low, high } = channelExtents(values, channels);
  const reach = low.map((least, channel) => Math.max(-least, high[channel] as number));
  const histogram = emptyHistogram(low, high);
  const channelHistogram = new Float64Array(bins);
  const zeros = elements === 0 ? 0 : fillHistograms(values, channels, reach, histogram, channelHistogram) / elements;
  const measures = {
    elements,
    histogram,
    magnitudes: magnitudesOf(values),
    zeros,
    masked: weight.mask !== undefined,
    channelHistogram,
    channelReach: reach.filter((largest) => largest > 0).sort(),
    channelSpread: spreadOf(low, high, reach),
    stored: storedSketch(encoding, values, zeros),
  };
  measured.set(weight, measures);
  return measures;
}

function emptyHistogram(low: Float32Array, high: Float32Array): WeightSketch['histogram'] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of low) min = Math.min(min, value);
  for (const value of high) max = Math.max(max, value);
  return { min, max, counts: new Float64Array(bins) };
}

/** Counts values other than zero into both histograms; returns the number of zeros. */
function fillHistograms(
  values: Float32Array,
  { count, stride }: Channels,
  reach: Float32Array,
  { min, max, counts }: WeightSketch['histogram'],
  relative: Float64Array,
): number {
  const last = bins - 1;
  const factor = max > min ? bins / (max - min) : 0;
  const factors = Float64Array.from(reach, (largest) => bins / 2 / largest);
  let zeros = 0;
  for (let start = 0, channel = 0; start < values.length; start += stride, channel = channel + 1 === count ? 0 : channel + 1) {
    const own = factors[channel] as number;
    for (let i = start; i < start + stride; i++) {
      const value = values[i] as number;
      if (value === 0) {
        zeros++;
        continue;
      }
      const bin = Math.min(((value - min) * factor) | 0, last);
      counts[bin] = (counts[bin] as number) + 1;
      const ownBin = Math.min((value * own + bins / 2) | 0, last);
      relative[ownBin] = (relative[ownBin] as number) + 1;
    }
  }
  return zeros;
}

function spreadOf(low: Float32Array, high: Float32Array, reach: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (let channel = 0; channel < reach.length; channel++) {
    if (reach[channel] === 0) continue;
    sum += ((high[channel] as number) - (low[channel] as number)) / (2 * (reach[channel] as number));
    count++;
  }
  return count === 0 ? 1 : sum / count;
}

/** Quantiles of |w|, ascending. */
function magnitudesOf(values: Float32Array): Float32Array {
  const counts = new Uint32Array(0x8000);
  const patterns = patternsOf(values);
  for (let i = 0; i < patterns.length; i++) {
    const bucket = ((patterns[i] as number) >>> 16) & 0x7fff;
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  const result = new Float32Array(quantiles);
  const edges = new Float32Array(Uint32Array.of(0, 0).buffer);
  const edge = new Uint32Array(edges.buffer);
  let bucket = 0;
  let seen = counts[0] as number;
  for (let i = 0; i < quantiles; i++) {
    const rank = ((i + 0.5) / quantiles) * values.length;
    while (seen < rank && bucket < 0x7fff) seen += counts[++bucket] as number;
    const inside = counts[bucket] as number;
    edge[0] = bucket << 16;
    edge[1] = (bucket + 1) << 16;
    const share = inside === 0 || bucket === 0 ? 0 : (rank - (seen - inside)) / inside;
    result[i] = (edges[0] as number) + ((edges[1] as number) - (edges[0] as number)) * share;
  }
  return result;
}

function storedSketch(encoding: Encoding, values: Float32Array, zeros: number): StoredSketch {
  const elements = values.length;
  const overheadBits = payloadBits(encoding, 0);
  if (encoding.kind === 'float32' || encoding.kind === 'float16') {
    const bits = encoding.kind === 'float32' ? 32 : 16;
    const entropy = sparseFloatEntropy(zeros, bits);
    return { kind: encoding.kind, bits, overheadBits, entropy, fileBits: bits, fileEntropy: entropy };
  }
  const entropy = elements === 0 ? 0 : (entropyBits(encoding, values) - overheadBits) / elements;
  return {
    kind: encoding.kind,
    bits: encoding.bits,
    overheadBits,
    entropy,
    grouped: encoding.kind === 'affine' && encoding.group !== undefined,
    fileBits: encoding.bits > 8 ? 16 : 8,
    fileEntropy: entropy,
  };
}
