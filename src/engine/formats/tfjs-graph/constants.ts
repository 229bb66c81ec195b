/** What the constants of a graph are to the nodes that read them: kernels and vectors, with the axis that counts output channels. */
import type { WeightSlot } from '../../model/op.ts';
import type { Attributes } from './attributes.ts';
import { transposesSecond } from './shapes.ts';

type Place = Pick<WeightSlot, 'role' | 'channelAxis'> & { readonly kind?: WeightSlot['kind'] };

const kernel = (channelAxis: number | null): Place => ({ role: 'kernel', channelAxis, kind: 'kernel' });
const vector = (role: string): Place => ({ role, channelAxis: 0, kind: 'vector' });

const normalization = [undefined, vector('gamma'), vector('beta'), vector('moving_mean'), vector('moving_variance')];
const convolution = (axis: number) => [undefined, kernel(axis), vector('bias')];

/** By operator and place among its inputs. Filters are HWIO, depthwise ones HWCM, those of backward convolutions HWOI. */
const places: Readonly<Record<string, readonly (Place | undefined)[]>> = {
  Conv1D: convolution(2),
  Conv2D: convolution(3),
  _FusedConv2D: convolution(3),
  Conv2DBackpropInput: [undefined, kernel(2)],
  Conv3D: convolution(4),
  DepthwiseConv2d: convolution(2),
  DepthwiseConv2dNative: convolution(2),
  FusedDepthwiseConv2dNative: convolution(2),
  FusedBatchNorm: normalization,
  FusedBatchNormV2: normalization,
  FusedBatchNormV3: normalization,
  BiasAdd: [undefined, vector('bias')],
  Prelu: [undefined, vector('alpha')],
};

const products: ReadonlySet<string> = new Set(['MatMul', '_FusedMatMul', 'BatchMatMul', 'BatchMatMulV2']);

function placeOf(op: string, attr: Attributes, index: number, rank: number): Place | undefined {
  if (Object.hasOwn(places, op)) return places[op]?.[index];
  if (!products.has(op)) return undefined;
  if (index === 1) return kernel(transposesSecond(attr) ? rank - 2 : rank - 1);
  if (index === 0) return kernel(attr.flag('transpose_a') || attr.flag('adj_x') ? rank - 1 : rank - 2);
  return vector('bias');
}

/**
 * The slot of a constant at a place among a node's inputs. What no table names is a kernel where it has two dimensions or more.
 * A manifest has one scale per tensor, and no layer behind could take others.
 */
export function slotOf(
  op: string,
  attr: Attributes,
  index: number,
  shape: readonly number[],
): WeightSlot & { readonly oneScale: true } {
  const place = placeOf(op, attr, index, shape.length);
  const matrix = shape.filter((size) => size > 1).length >= 2;
  const axis = place?.channelAxis ?? null;
  return {
    role: place?.role ?? `constant_${index}`,
    shape,
    channelAxis: axis !== null && axis >= 0 && axis < shape.length ? axis : null,
    kind: place?.kind ?? (matrix ? 'kernel' : 'vector'),
    oneScale: true,
  };
}
