/**
 * Constants of int8 operators. A bias is int32, behind 16-bit activations int64, on the grid (scale of the input · scale of the weights); where it would not fit, as behind a
 * channel whose weights have vanished, that channel's scale grows until it does.
 */
import { type GridSteps, roundHalfAway } from '../../../model/activation-grid.ts';
import { integers } from './constants.ts';
import { bytesOf, type FileTensor } from './file-graph.ts';
import type { KernelTensor, VectorTensor } from './graph.ts';
import { roundedCodes, type SignedCodes, withLeastScale } from './signed-codes.ts';

/** Room is left for the sum of products. */
const largestBias = 2 ** 30;

/** Kernel and bias of an operator whose input has a grid. */
export function weighted(
  kernel: KernelTensor,
  bias: VectorTensor | null,
  input: GridSteps,
  int4: boolean,
): { readonly kernel: FileTensor; readonly bias: FileTensor | null } {
  const { values, shape, axis } = kernel;
  const each = shape.length > 2;
  const scales = each ? (shape[axis] ?? 1) : 1;
  const reach = new Float64Array(scales);
  bias?.values.forEach((value, c) => {
    const at = c % scales;
    reach[at] = Math.max(reach[at] as number, Math.abs(value));
  });
  const least = (channel: number): number => (reach[channel] ?? 0) / (input.scale * largestBias);
  const own = kernel.codes === null ? null : spread(kernel.codes, scales);
  const per = axis === 0 ? values.length / scales : 1;
  const codes =
    own === null
      ? roundedCodes(values, shape, each ? axis : null, least)
      : withLeastScale(own, (at) => Math.floor(at / per) % scales, least);
  const file = integers(kernel, codes, { each, int4 });
  return { kernel: file, bias: bias === null ? null : integerBias(bias, file.grid?.scale ?? [], input) };
}

/** One scale said for each channel. */
const spread = ({ codes, scale }: SignedCodes, scales: number): SignedCodes =>
  scale.length === scales ? { codes, scale } : { codes, scale: new Float64Array(scales).fill(scale[0] as number) };

function integerBias({ name, shape, values }: VectorTensor, kernelScale: readonly number[], input: GridSteps): FileTensor {
  // Files hold float32 scales, and the interpreter multiplies those.
  const scale = kernelScale.map((step) => Math.fround(input.scale * Math.fround(step)));
  const stepOf = (c: number): number => scale[scale.length === 1 ? 0 : c] as number;
  const codes = Array.from(values, (value, c) => Math.round(value / stepOf(c)));
  const wide = input.high > 127;
  const data = wide ? bytesOf(BigInt64Array.from(codes, BigInt)) : bytesOf(Int32Array.from(codes));
  return { name, shape, type: wide ? 'INT64' : 'INT32', data, grid: { scale, zeroPoint: scale.map(() => 0), axis: 0 } };
}

/** Slopes with a scale of their own, or numbers on the grid that an operator wants for all that goes into it. */
export function integerVector({ name, shape, values }: VectorTensor, wanted: GridSteps | null): FileTensor {
  if (wanted !== null) {
    const { scale, zeroPoint, low, high } = wanted;
    const codes = Int8Array.from(values, (value) => Math.min(high, Math.max(low, roundHalfAway(value / scale) + zeroPoint)));
    return { name, shape, type: 'INT8', data: bytesOf(codes), grid: { scale: [scale], zeroPoint: [zeroPoint], axis: 0 } };
  }
  const { codes, scale } = roundedCodes(values, shape, null);
  return { name, shape, type: 'INT8', data: bytesOf(codes), grid: { scale: [...scale], zeroPoint: [0], axis: 0 } };
}
