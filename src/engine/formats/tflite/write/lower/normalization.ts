/** Normalizations of each sample, in operators that compute the same: means, differences and the reciprocal root of a variance. */
import { axisOf } from '../../../../model/ops/define.ts';
import type { GroupNormalizationAttrs } from '../../../../model/ops/layer-normalization.ts';
import type { NormalizationAttrs } from '../../../../model/ops/normalization.ts';
import type { FlowTensor } from '../graph.ts';
import { add, div, mul, sub } from './activation.ts';
import type { Layer, Lowering } from './builder.ts';
import { scaleChannels } from './channels.ts';
import { rowsOf } from './steps.ts';

function reduced(layer: Layer, x: FlowTensor, axes: readonly number[], code: 'MEAN' | 'SUM'): FlowTensor {
  return layer.emit(code, [x, layer.index('axes', axes)], {
    shape: x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    options: { table: 'ReducerOptions', keepDims: true },
  });
}

/** (x − μ) / √(σ² + ε) over some axes; x / √(mean x² + ε) where it is not centred. */
function standardized(layer: Layer, x: FlowTensor, axes: readonly number[], epsilon: number, centred = true): FlowTensor {
  const middle = centred ? sub(layer, x, reduced(layer, x, axes, 'MEAN')) : x;
  const variance = reduced(layer, mul(layer, middle, middle), axes, 'MEAN');
  const factor = layer.emit('RSQRT', [add(layer, variance, layer.scalar(epsilon))]);
  return mul(layer, middle, factor);
}

/** γ y + β, the layer's output; both lie along `axes` of y. */
function finished(
  layer: Layer,
  y: FlowTensor,
  roles: readonly [string, string],
  axes: readonly number[],
  last = true,
): FlowTensor {
  const [scale, shift] = roles.map((role) => {
    const values = layer.weight(role)?.values;
    if (values === undefined) return null;
    return layer.vector(
      role,
      values,
      y.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
    );
  });
  const scaled = scale ? mul(layer, y, scale, last && !shift) : y;
  if (shift) return add(layer, scaled, shift, last);
  return scale || !last ? scaled : layer.reshape(y, layer.shape, true);
}

const indices = (layer: Layer): number[] => {
  const rank = layer.input().shape.length;
  return (layer.node.attrs.axes as readonly number[]).map((axis) => axisOf(axis, rank)).sort((a, b) => a - b);
};

export const layerNormalization: Lowering = (layer) => {
  const axes = indices(layer);
  return finished(layer, standardized(layer, layer.input(), axes, Number(layer.node.attrs.epsilon)), ['gamma', 'beta'], axes);
};

export const rmsNormalization: Lowering = (layer) => {
  const axes = indices(layer);
  const y = standardized(layer, layer.input(), axes, Number(layer.node.attrs.epsilon), false);
  return finished(layer, y, ['scale', 'none'], axes);
};

/** L2_NORMALIZATION along the last axis has the same least length, 10⁻⁶, as Keras. */
export const unitNormalization: Lowering = (layer) => {
  const axes = indices(layer);
  const x = layer.input();
  if (axes.length === 1 && axes[0] === x.shape.length - 1) {
    const options = { table: 'L2NormOptions' } as const;
    if (x.shape.length <= 4) return layer.emit('L2_NORMALIZATION', [x], { last: true, options });
    return layer.reshape(layer.emit('L2_NORMALIZATION', [rowsOf(layer, x)], { options }), layer.shape, true);
  }
  const square = reduced(layer, mul(layer, x, x), axes, 'SUM');
  const limited = layer.emit('MAXIMUM', [square, layer.scalar(1e-12)], { options: { table: 'MaximumMinimumOptions' } });
  return mul(layer, x, layer.emit('RSQRT', [limited]), true);
};

export const groupNormalization: Lowering = (layer) => {
  const { axis: given, groups: asked, epsilon } = layer.node.attrs as GroupNormalizationAttrs;
  const x = layer.input();
  const axis = axisOf(given, x.shape.length);
  const channels = x.shape[axis] ?? 1;
  const groups = asked === -1 ? channels : asked;
  const order = [...x.shape.keys()];
  order.push(...order.splice(axis, 1));
  const moved = axis !== x.shape.length - 1;
  const turned = moved ? layer.transpose(x, order) : x;
  const places = turned.shape.slice(1, -1).reduce((product, size) => product * size, 1);
  const cut = layer.reshape(turned, [1, places, groups, channels / groups]);
  const whole = layer.reshape(standardized(layer, cut, [1, 3], epsilon), turned.shape);
  const y = finished(layer, whole, ['gamma', 'beta'], [turned.shape.length - 1], !moved);
  if (!moved) return y;
  const back = order.map((_, index) => order.indexOf(index));
  return layer.transpose(y, back, true);
};

/** One factor and one shift per channel where that is what it is, else in steps. */
export const normalization: Lowering = (layer) => {
  const { axes: given, invert, mean: constant, variance: spread } = layer.node.attrs as NormalizationAttrs;
  const x = layer.input();
  const axes = given.map((axis) => axisOf(axis, x.shape.length));
  const mean = constant ?? [...(layer.weight('mean')?.values ?? [])];
  const deviation = (spread ?? [...(layer.weight('variance')?.values ?? [])]).map((size) => Math.max(Math.sqrt(size), 1e-7));
  const last = x.shape.length - 1;
  if (axes.every((axis) => axis === last) && !invert) {
    const channels = x.shape[last] ?? 1;
    const each = (list: readonly number[]) => Float64Array.from({ length: channels }, (_, c) => list[c % list.length] ?? 0);
    const factors = each(deviation).map((size) => 1 / size);
    return scaleChannels(
      layer,
      x,
      factors,
      each(mean).map((value, c) => -value * (factors[c] ?? 0)),
      true,
    );
  }
  const laid = (role: string, list: readonly number[]) =>
    layer.vector(role, list, list.length === 1 ? [1] : x.shape.map((size, axis) => (axes.includes(axis) ? size : 1)));
  const [middle, width] = [laid('mean', mean), laid('deviation', deviation)];
  if (invert) return add(layer, mul(layer, x, width), middle, true);
  return div(layer, sub(layer, x, middle), width, true);
};
