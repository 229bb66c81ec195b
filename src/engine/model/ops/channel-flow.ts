/**
 * How channels run through the common kinds of layers (Fang et al. 2023, "DepGraph"): made by a kernel, passed on one by one, or laid
 * out anew. A channel is an index of the last axis.
 */
import type { Attrs, Shape } from '../model.ts';
import type { ChannelAxis, ChannelFlow } from '../op.ts';
import type { ActivationName } from './activations.ts';

/** Channels of a shape whose last size is known. */
export const channelCount = (shape: Shape | undefined): number => shape?.at(-1) ?? 0;

/** Whether an activation looks at all channels together. */
export const mixes = (activation: ActivationName): boolean => ['softmax', 'log_softmax', 'sparsemax'].includes(activation);

/** Each output channel depends on the same channel of every input alone. */
export function passed(inputs: readonly Shape[], axes: readonly ChannelAxis[] = []): ChannelFlow {
  const narrow = inputs.flatMap((shape, input) => (channelCount(shape) === 1 ? [input] : []));
  // One channel that is stretched over many belongs to all of them.
  if (narrow.length === inputs.length) return { sources: () => inputs.map((_, input) => [input, 0]), axes };
  const wide = [...inputs.keys()].filter((input) => !narrow.includes(input));
  return {
    sources: (channel) => wide.map((input) => [input, channel]),
    axes,
    keeps: narrow.map((input) => ({ of: input, reason: 'broadcast' })),
  };
}

/** As `passed`, for a function that may look at all channels together. */
export function activated(inputs: readonly Shape[], activation: ActivationName): ChannelFlow {
  const flow = passed(inputs);
  return mixes(activation) ? { ...flow, keeps: [{ of: 'output', reason: 'softmax' }] } : flow;
}

/** Output channels made by a kernel from all input channels. */
export function made(
  axes: readonly ChannelAxis[],
  activation: ActivationName,
  resized: (channels: number) => Attrs,
): ChannelFlow {
  return { axes, resized, ...(mixes(activation) ? { keeps: [{ of: 'output', reason: 'softmax' }] } : {}) };
}

/** The two channel axes of a kernel [..., in, out] and its bias. */
export function kernelAxes(role: string, inputAxis: number, repeat = 1): readonly ChannelAxis[] {
  return [
    { role, axis: inputAxis, counts: 0, repeat, use: 'reads' },
    { role, axis: inputAxis + 1, counts: 'output', use: 'makes' },
    { role: 'bias', axis: 0, counts: 'output', use: 'passes' },
  ];
}

/**
 * The same elements in another shape, row-major: element e is channel e mod C before and e mod D after. Channels that share an element
 * are one; what is left when they go has the same order in both shapes.
 */
export function laidOut(input: Shape, output: Shape, resized?: (channels: number) => Attrs): ChannelFlow {
  const [before, after] = [channelCount(input), channelCount(output)];
  const step = greatestDivisor(before, after);
  return {
    sources: (channel) => {
      if (after % before === 0) return [[0, channel % before]];
      return Array.from({ length: before / step }, (_, turn) => [0, (channel % step) + turn * step] as const);
    },
    ...(resized ? { resized } : {}),
    ...(step === 1 && before > 1 && after > 1 ? { keeps: [{ of: 0, reason: 'mixed' }] } : {}),
  };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
