/**
 * How the channels of a row-major tensor lie in memory: along `axis`, runs of `stride` elements belong to one channel and
 * channels follow each other cyclically. Without an axis the whole tensor is one channel.
 */
import { axisStride } from '../../model/encoding.ts';
import { elementCount } from '../../model/model.ts';

export interface Channels {
  readonly count: number;
  readonly stride: number;
  /** Elements of each channel. */
  readonly size: number;
}

export function channelsOf(shape: readonly number[], axis: number | null): Channels {
  const elements = elementCount(shape);
  if (axis === null) return { count: 1, stride: elements, size: elements };
  const count = shape[axis] ?? 1;
  return { count, stride: axisStride(shape, axis), size: elements / count };
}

/** Copies one channel into `into`, which has room for `channels.size` values. */
export function gatherChannel(values: Float32Array, { count, stride }: Channels, channel: number, into: Float32Array): void {
  let at = 0;
  for (let start = channel * stride; start < values.length; start += count * stride) {
    for (let i = start; i < start + stride; i++) into[at++] = values[i] as number;
  }
}

/** Smallest and largest value of each channel, in one pass over the tensor. */
export function channelExtents(values: Float32Array, { count, stride }: Channels): { low: Float32Array; high: Float32Array } {
  const low = new Float32Array(count).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  const { length } = values;
  if (stride === 1) {
    extendByRows(values, low, high);
    return { low, high };
  }
  for (let start = 0, channel = 0; start < length; start += stride, channel = (channel + 1) % count) {
    let least = low[channel] as number;
    let most = high[channel] as number;
    for (let i = start; i < start + stride; i++) {
      const value = values[i] as number;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    low[channel] = least;
    high[channel] = most;
  }
  return { low, high };
}

function extendByRows(values: Float32Array, low: Float32Array, high: Float32Array): void {
  for (let row = 0; row < values.length; row += low.length) {
    for (let channel = 0, i = row; channel < low.length; channel++, i++) {
      const value = values[i] as number;
      if (value < (low[channel] as number)) low[channel] = value;
      if (value > (high[channel] as number)) high[channel] = value;
    }
  }
}
