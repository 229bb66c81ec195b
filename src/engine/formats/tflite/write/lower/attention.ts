/** Attention and products in Einstein's notation: FULLY_CONNECTED for kernels, BATCH_MATMUL for scores and what they weigh. */
import type { AttentionAttrs } from '../../../../model/ops/attention.ts';
import { threeOf } from '../../../../model/ops/attention.ts';
import { headOrder, hidden } from '../../../../model/ops/attention-heads.ts';
import { type Einsum, einsumOf, placesIn } from '../../../../model/ops/einsum.ts';
import type { EinsumDenseAttrs } from '../../../../model/ops/einsum-dense.ts';
import type { FlowTensor, GraphTensor, KernelTensor, VectorTensor } from '../graph.ts';
import { add, mul, splitActivated } from './activation.ts';
import type { Layer, Lowering } from './builder.ts';
import { product } from './convolution.ts';
import { kernelOf } from './kernel.ts';

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** a · b, or a · bᵀ, of the last two axes, for each place of those before them. */
function multiplied(layer: Layer, a: FlowTensor, b: GraphTensor, transposed: boolean): FlowTensor {
  const shape = [...a.shape.slice(0, -1), b.shape.at(transposed ? -2 : -1) ?? 1];
  return layer.emit('BATCH_MATMUL', [a, b], { shape, options: { table: 'BatchMatMulOptions', adjY: transposed } });
}

const turned = (layer: Layer, x: FlowTensor, order: readonly number[]): FlowTensor =>
  order.every((axis, place) => axis === place) ? x : layer.transpose(x, order);

/** Where the elements of a tensor with some letters go when these are put in another order. */
function moved(letters: string, order: string, sizeOf: (letter: string) => number): (at: number) => number {
  const sizes = [...letters].map(sizeOf);
  const strides = [...letters].map((letter) => count([...order.slice(order.indexOf(letter) + 1)].map(sizeOf)));
  return (at) => {
    let [left, place] = [at, 0];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] as number;
      place += (left % size) * (strides[axis] as number);
      left = Math.floor(left / size);
    }
    return place;
  };
}

/** The kernel as [made, contracted], with scales along its last made letter. */
function einsumKernel(layer: Layer, { kernel, made, contracted }: Einsum, sizeOf: (letter: string) => number): KernelTensor {
  const shape = [count([...made].map(sizeOf)), count([...contracted].map(sizeOf))];
  const scaled = made.at(-1) ?? '';
  const width = sizeOf(scaled);
  return kernelOf(layer, 'kernel', {
    shape,
    axis: 0,
    scaleAxis: kernel.indexOf(scaled),
    place: moved(kernel, made + contracted, sizeOf),
    scaleOf: (unit) => unit % width,
  });
}

function withBias(layer: Layer, y: FlowTensor): FlowTensor {
  const bias = layer.weight('bias');
  if (bias === undefined) return y;
  const shape = [...new Array<number>(y.shape.length - bias.shape.length).fill(1), ...bias.shape];
  return add(layer, y, layer.vector('bias', bias.values, shape));
}

/** The bias as a part of the product: where it has just what the kernel makes. */
function ownBias(layer: Layer, { made }: Einsum, biasAxes: string | null): VectorTensor | null {
  const values = layer.weight('bias')?.values;
  const each = biasAxes?.length === made.length && [...made].every((letter) => biasAxes.includes(letter));
  return values !== undefined && each ? layer.vector('bias', values) : null;
}

/** Letters of a layer's equation, with their sizes. */
function equationOf(layer: Layer): { readonly einsum: Einsum; readonly sizeOf: (letter: string) => number } {
  const { shape } = layer.input();
  const einsum = einsumOf((layer.node.attrs as EinsumDenseAttrs).equation, shape.length);
  const stored = layer.weight('kernel')?.shape ?? [];
  const sizes = new Map([
    ...[...einsum.kernel].map((letter, i) => [letter, stored[i] ?? 1] as const),
    ...[...einsum.x].map((letter, i) => [letter, shape[i] ?? 1] as const),
  ]);
  return { einsum, sizeOf: (letter) => sizes.get(letter) ?? 1 };
}

/** One product of matrices for all places, with the kernel as integers where it has codes. */
function asProduct(layer: Layer, bias: VectorTensor | null, last: boolean): FlowTensor {
  const { einsum, sizeOf } = equationOf(layer);
  const { free, contracted, made } = einsum;
  const width = (letters: string): number => count([...letters].map(sizeOf));
  const rows = turned(layer, layer.input(), placesIn(free + contracted, einsum.x));
  const input = layer.reshape(rows, [1, width(free), width(contracted)]);
  const y = layer.reshape(product(layer, input, einsumKernel(layer, einsum, sizeOf), bias), [...(free + made)].map(sizeOf));
  return layer.reshape(turned(layer, y, placesIn(einsum.y, free + made)), layer.shape, last);
}

/** A product of matrices for each place of the axes that x, kernel and y share. */
function asProducts(layer: Layer): FlowTensor {
  const { einsum, sizeOf } = equationOf(layer);
  const { free, shared, contracted, made } = einsum;
  const width = (letters: string): number => count([...letters].map(sizeOf));
  // The batch stays in front: it is the first of what is free.
  const [batch, places] = [free.slice(0, 1), free.slice(1)];
  const rows = turned(layer, layer.input(), placesIn(batch + shared + places + contracted, einsum.x));
  const stored = layer.weight('kernel')?.values ?? [];
  const values = new Float32Array(stored.length);
  const place = moved(einsum.kernel, shared + contracted + made, sizeOf);
  stored.forEach((value, at) => {
    values[place(at)] = value;
  });
  const kernel = layer.vector('kernel', values, [1, width(shared), width(contracted), width(made)]);
  const stacked = layer.reshape(rows, [1, width(shared), width(places), width(contracted)]);
  const order = batch + shared + places + made;
  const y = layer.reshape(multiplied(layer, stacked, kernel, false), [...order].map(sizeOf));
  return turned(layer, y, placesIn(einsum.y, order));
}

export const einsumDense: Lowering = (layer) => {
  const { einsum } = equationOf(layer);
  const bias = ownBias(layer, einsum, (layer.node.attrs as EinsumDenseAttrs).biasAxes);
  const isProduct = einsum.shared === '';
  if (isProduct && (bias !== null || layer.weight('bias') === undefined)) return asProduct(layer, bias, true);
  const apart = splitActivated((own, last) => {
    const y = isProduct ? asProduct({ ...own, fused: 'NONE' }, null, false) : asProducts(own);
    return own.reshape(withBias(own, y), own.shape, last);
  });
  return apart(layer);
};

/** softmax(scores) · value; scores and value are [1, stacks …, rows, others] and [1, stacks …, others, features]. */
function attended(layer: Layer, scores: FlowTensor, value: FlowTensor, causal: boolean, repeats = 1): FlowTensor {
  const [rows = 1, others = 1] = scores.shape.slice(-2);
  const ones = new Array<number>(scores.shape.length - 2).fill(1);
  const cover = causal ? layer.vector('causal', hidden(rows / repeats, others, repeats), [...ones, rows, others]) : null;
  const seen = cover === null ? scores : add(layer, scores, cover);
  const weights = layer.emit('SOFTMAX', [seen], { options: { table: 'SoftmaxOptions' } });
  return multiplied(layer, weights, value, false);
}

function inHeads(layer: Layer, { factor, heads, causal }: AttentionAttrs): FlowTensor {
  const [query, value, key] = threeOf(layer.inputs);
  const { apart, together, order } = headOrder(heads?.axes ?? null, query.shape.length);
  const along = ({ shape }: FlowTensor, axes: readonly number[]): number[] => axes.map((axis) => shape[axis] ?? 1);
  const [own, others] = [query.shape.at(-2) ?? 1, key.shape.at(-2) ?? 1];
  const repeats = own / others;
  const stacks = count(along(key, apart)) * others;
  const split = (x: FlowTensor, times: number): FlowTensor =>
    layer.reshape(turned(layer, x, order), [1, stacks, times * count(along(x, together)), x.shape.at(-1) ?? 1]);
  const scores = multiplied(layer, split(query, repeats), split(key, 1), true);
  const y = attended(layer, mul(layer, scores, layer.scalar(factor)), split(value, 1), causal, repeats);
  const shape = [1, ...along(query, apart), own, ...along(query, together), y.shape.at(-1) ?? 1];
  const back = [...order.keys()].map((axis) => order.indexOf(axis));
  return layer.transpose(layer.reshape(y, shape), back, true);
}

/** Σ over features of f(q + k) for each pair of rows, as [1, rows, others]. */
function pairs(layer: Layer, query: FlowTensor, key: FlowTensor, f: (sum: FlowTensor) => FlowTensor): FlowTensor {
  const [rows = 1, features = 1] = query.shape.slice(1);
  const [others = 1] = key.shape.slice(1);
  const left = layer.reshape(query, [1, rows, 1, features]);
  const right = layer.reshape(key, [1, 1, others, features]);
  const shape = [1, rows, others, features];
  const sum = layer.emit('ADD', [left, right], { shape, options: { table: 'AddOptions', fused: 'NONE' } });
  const options = { table: 'ReducerOptions', keepDims: true } as const;
  const total = layer.emit('SUM', [f(sum), layer.index('axes', [3])], { shape: [1, rows, others, 1], options });
  return layer.reshape(total, [1, rows, others]);
}

const tanh = (layer: Layer, x: FlowTensor): FlowTensor => layer.emit('TANH', [x]);

/** A stored number or row of numbers that something is multiplied by. */
function scaledBy(layer: Layer, x: FlowTensor, role: string): FlowTensor {
  const values = layer.weight(role)?.values;
  return values === undefined ? x : mul(layer, x, layer.vector(role, values));
}

export const attention: Lowering = (layer) => {
  const attrs = layer.node.attrs as AttentionAttrs;
  if (attrs.heads !== null) return inHeads(layer, attrs);
  const [query, value, key] = threeOf(layer.inputs);
  const scores =
    attrs.score === 'dot'
      ? scaledBy(layer, multiplied(layer, query, key, true), 'scale')
      : scaledBy(
          layer,
          pairs(layer, query, key, (sum) => tanh(layer, scaledBy(layer, sum, 'scale'))),
          'concat_score_weight',
        );
  return layer.reshape(attended(layer, scores, value, attrs.causal), layer.shape, true);
};

export const additiveAttention: Lowering = (layer) => {
  const [query, value, key] = threeOf(layer.inputs);
  const scores = pairs(layer, query, key, (sum) => scaledBy(layer, tanh(layer, sum), 'scale'));
  return layer.reshape(attended(layer, scores, value, layer.node.attrs.causal === true), layer.shape, true);
};
