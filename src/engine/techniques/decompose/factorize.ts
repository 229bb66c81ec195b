/**
 * One layer as two thinner ones, of rank r, by the best approximation of its kernel laid out as a matrix:
 *
 *   Dense             [in, out]            x · A [in, r] · B [r, out]
 *   Conv2D, channel   [kh·kw·in, out]      kh × kw to r channels, then 1 × 1 (Denil et al. 2013)
 *   Conv2D, spatial   [kh·in, kw·out]      kh × 1 to r channels, then 1 × kw (Jaderberg et al. 2014)
 *
 * The second keeps the layer's name, bias, activation and output. Strides, padding and dilation are split between the two by axis, or go
 * to the first, so that at full rank the outputs are the same.
 */

import { type Svd, svd } from '../../math/svd.ts';
import { float32 } from '../../model/encoding.ts';
import { elementCount, type Model, type Node, type Weight, type WeightId } from '../../model/model.ts';
import { modelMacs } from '../../model/topology.ts';
import type { StepNote, Target } from '../../technique.ts';
import type { LowRankParams } from './low-rank-params.ts';

/** Beyond this, the shorter side of a kernel's matrix takes too long to decompose while somebody waits. */
const longestSide = 640;

/** A kernel as a matrix, and the two kernels that its factors are. */
interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly matrix: Float32Array;
  /** Shapes of the factors for rank r. */
  readonly shapes: (rank: number) => readonly [first: readonly number[], second: readonly number[]];
  /** The second factor, row-major [rank, columns], in the order of its kernel. */
  readonly arranged: (right: Float32Array, rank: number) => Float32Array;
  readonly attrs: (node: Node, rank: number) => readonly [first: Node['attrs'], second: Node['attrs']];
}

type Form = 'dense' | 'channel' | 'spatial';

const linear = { useBias: false, activation: 'linear' } as const;

function denseLayout({ values, shape: [rows = 1, columns = 1] }: Weight): Layout {
  return {
    rows,
    columns,
    matrix: values,
    shapes: (rank) => [
      [rows, rank],
      [rank, columns],
    ],
    arranged: (right) => right,
    attrs: ({ attrs }, rank) => [{ ...attrs, units: rank, ...linear }, attrs],
  };
}

function channelLayout({ values, shape: [height = 1, width = 1, channels = 1, filters = 1] }: Weight): Layout {
  return {
    rows: height * width * channels,
    columns: filters,
    matrix: values,
    shapes: (rank) => [
      [height, width, channels, rank],
      [1, 1, rank, filters],
    ],
    arranged: (right) => right,
    attrs: ({ attrs }, rank) => [
      { ...attrs, filters: rank, ...linear },
      { ...attrs, kernelSize: [1, 1], strides: [1, 1], dilation: [1, 1] },
    ],
  };
}

/** Rows count (i, channel), columns (j, filter): the kernel's two middle axes change places. */
function spatialLayout({ values, shape: [height = 1, width = 1, channels = 1, filters = 1] }: Weight): Layout {
  const matrix = new Float32Array(values.length);
  let at = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      for (let channel = 0; channel < channels; channel++, at += filters) {
        matrix.set(values.subarray(at, at + filters), ((i * channels + channel) * width + j) * filters);
      }
    }
  }
  return {
    rows: height * channels,
    columns: width * filters,
    matrix,
    shapes: (rank) => [
      [height, 1, channels, rank],
      [1, width, rank, filters],
    ],
    arranged(right, rank) {
      const kernel = new Float32Array(right.length);
      for (let r = 0; r < rank; r++) {
        for (let j = 0; j < width; j++) {
          kernel.set(right.subarray((r * width + j) * filters, (r * width + j + 1) * filters), (j * rank + r) * filters);
        }
      }
      return kernel;
    },
    attrs({ attrs }, rank) {
      const [[down, right], [tall, wide]] = [attrs.strides, attrs.dilation] as [[number, number], [number, number]];
      return [
        { ...attrs, filters: rank, kernelSize: [height, 1], strides: [down, 1], dilation: [tall, 1], ...linear },
        { ...attrs, kernelSize: [1, width], strides: [1, right], dilation: [1, wide] },
      ];
    },
  };
}

const layouts: Readonly<Record<Form, (weight: Weight) => Layout>> = {
  dense: denseLayout,
  channel: channelLayout,
  spatial: spatialLayout,
};

const known = new WeakMap<Weight, Map<Form, { readonly layout: Layout; readonly parts: Svd }>>();

/** Decompositions are kept with their tensor: a slider only asks for other ranks. */
function decomposed(weight: Weight, form: Form) {
  const own = known.get(weight) ?? new Map<Form, { readonly layout: Layout; readonly parts: Svd }>();
  known.set(weight, own);
  const found = own.get(form);
  if (found !== undefined) return found;
  const layout = layouts[form](weight);
  const result = { layout, parts: svd(layout.matrix, layout.rows, layout.columns) };
  own.set(form, result);
  return result;
}

/** The rank that keeps the wanted share, at least 1. */
function rankFor({ rows, columns }: Layout, { values }: Svd, { keep, of }: LowRankParams): number {
  const full = values.length;
  if (of === 'rank') return Math.max(1, Math.round(keep * full));
  if (of === 'parameters' || of === 'macs')
    return Math.min(full, Math.max(1, Math.floor((keep * rows * columns) / (rows + columns))));
  let rank = 1;
  while (rank < full && energyShare(values, rank) < keep) rank++;
  return rank;
}

/** The rank that takes at most the wanted share of the layer's multiply-accumulates, which rise evenly with it. */
function rankForWork(macsAt: (rank: number) => number, whole: number, { keep }: LowRankParams, full: number): number {
  const single = macsAt(1);
  const perRank = macsAt(2) - single;
  const own = whole - (single - perRank);
  return Math.min(full, Math.max(1, Math.floor((keep * own) / perRank)));
}

/** Why a kernel is left as it is; undefined where it can be tried. */
function obstacle(model: Model, { id, node, weight }: Target<LowRankParams>, form: Form): string | undefined {
  const { encoding, mask, shape } = weight;
  if (encoding.kind !== 'float32') return `it is stored as ${encoding.kind}, which the decomposition would undo`;
  if (mask !== undefined) return 'it has pruned weights, which would come back';
  const other = model.nodes.find((user) => user.op !== node.op && Object.values(user.weights).includes(id));
  if (other !== undefined) return `"${other.name}" uses its kernel in another way`;
  const [height = 1, width = 1, channels = 1, filters = 1] = form === 'dense' ? [1, 1, ...shape] : shape;
  const shorter =
    form === 'spatial' ? Math.min(height * channels, width * filters) : Math.min(height * width * channels, filters);
  if (shorter > longestSide) return `the shorter side of its matrix is ${shorter}; up to ${longestSide} are decomposed`;
  return undefined;
}

function freeName(wanted: string, taken: (name: string) => boolean): string {
  return taken(wanted) ? freeName(`${wanted}_`, taken) : wanted;
}

/** Every call of the layer as two calls of the two new ones. */
function split(model: Model, id: WeightId, layout: Layout, parts: Svd, rank: number): Model {
  const reduced = freeName(`${id.replace(/\/[^/]*$/, '')}_reduce/kernel`, (name) => model.weights.has(name));
  const [firstShape, secondShape] = layout.shapes(rank);
  const { left, right } = parts.factors(rank);
  const weights = new Map([...model.weights])
    .set(id, { shape: secondShape, values: layout.arranged(right, rank), encoding: float32 })
    .set(reduced, { shape: firstShape, values: left, encoding: float32 });
  const nodes = model.nodes.flatMap((node): Node[] => {
    if (node.weights.kernel !== id) return [node];
    const name = freeName(`${node.name}_reduce`, (wanted) => model.nodes.some((other) => other.name === wanted));
    const value = freeName(name, (wanted) => model.nodes.some(({ outputs }) => outputs.includes(wanted)));
    const [first, second] = layout.attrs(node, rank);
    return [
      { name, op: node.op, attrs: first, inputs: node.inputs, outputs: [value], weights: { kernel: reduced } },
      { ...node, attrs: second, inputs: [value] },
    ];
  });
  return { ...model, nodes, weights };
}

export interface Factored {
  readonly model: Model;
  readonly note: StepNote;
}

/** The model with one kernel as two, or as it was with the reason why. */
export function factorizeKernel(model: Model, target: Target<LowRankParams>): Factored {
  const { id, node, weight, params } = target;
  const note = (code: string, text: string): StepNote => ({ layer: node.name, weight: id, code, text });
  const form = node.op === 'Dense' ? 'dense' : params.form;
  const reason = obstacle(model, target, form);
  if (reason !== undefined) return { model, note: note('not-decomposed', `It was not decomposed: ${reason}.`) };
  const { layout, parts } = decomposed(weight, form);
  const was = modelMacs(model);
  const full = parts.values.length;
  const rank =
    params.of === 'macs' && full > 1
      ? rankForWork((rank) => modelMacs(split(model, id, layout, parts, rank)), was, params, full)
      : rankFor(layout, parts, params);
  const count = rank * (layout.rows + layout.columns);
  const ranks = `rank ${rank} of ${parts.values.length}`;
  const before = elementCount(weight.shape);
  const grows = `It was not decomposed: at ${ranks} its ${before} weights would become ${count}.`;
  if (count >= before) return { model, note: note('not-smaller-decomposed', grows) };
  const smaller = split(model, id, layout, parts, rank);
  const is = modelMacs(smaller);
  const works = `It was not decomposed: at ${ranks} it would take ${is - was} multiply-accumulates more.`;
  if (is > was) return { model, note: note('not-smaller-decomposed', works) };
  const energy = energyShare(parts.values, rank);
  const text = `It became two layers of ${ranks}, which keep ${(100 * energy).toFixed(1)} % of its energy: ${count} weights instead of ${before}.`;
  return { model: smaller, note: note('decomposed', text) };
}

/** Share of the squares of all singular values that the first `rank` have. */
function energyShare(values: Float64Array, rank: number): number {
  const energy = (list: Float64Array) => list.reduce((sum, value) => sum + value * value, 0);
  const all = energy(values);
  return all === 0 ? 1 : energy(values.subarray(0, rank)) / all;
}
