/** What recurrent layers are written of: parts of what flows, and rows of the tensors of a cell. */
import type { FlowTensor, KernelTensor, VectorTensor } from '../graph.ts';
import type { Layer } from './builder.ts';
import { kernelOf, lastFirst } from './kernel.ts';

/** A step is a dozen operators; more would make files that no interpreter opens in good time. */
export const mostSteps = 1000;

/** Elements `from … to − 1` along an axis. */
export function part(layer: Layer, x: FlowTensor, axis: number, from: number, to: number, last = false): FlowTensor {
  const [begin, end] = [x.shape.map(() => 0), [...x.shape]];
  begin[axis] = from;
  end[axis] = to;
  const corners = [layer.index('begin', begin), layer.index('end', end), layer.index('strides', [...x.shape].fill(1))];
  const shape = x.shape.map((size, at) => (at === axis ? to - from : size));
  const isBool = x.isBool === true;
  return layer.emit('STRIDED_SLICE', [x, ...corners], {
    shape,
    isBool,
    last,
    options: { table: 'StridedSliceOptions', whole: 1 },
  });
}

/** A cell's kernel with the columns of its gates as rows. */
export function kernelAt(layer: Layer, role: string): KernelTensor {
  const [inputs = 1, units = 1] = layer.weight(role)?.shape ?? [];
  return kernelOf(layer, role, { shape: [units, inputs], axis: 0, scaleAxis: 1, place: lastFirst([inputs, units]) });
}

/** Some of the output channels of a kernel. */
export function rows(layer: Layer, kernel: KernelTensor, from: number, to: number): KernelTensor {
  const [, width = 1] = kernel.shape;
  const { codes } = kernel;
  const scale = codes !== null && codes.scale.length > 1 ? codes.scale.slice(from, to) : codes?.scale;
  return {
    ...kernel,
    name: layer.name('recurrent_kernel/part'),
    shape: [to - from, width],
    values: kernel.values.slice(from * width, to * width),
    codes: codes === null || scale === undefined ? null : { codes: codes.codes.slice(from * width, to * width), scale },
  };
}

export function biasAt(layer: Layer, role: string, from = 0, width?: number): VectorTensor | null {
  const stored = layer.weight(role);
  if (stored === undefined) return null;
  const values = stored.values.subarray(from, width === undefined ? undefined : from + width);
  return layer.vector(role, values, undefined, stored.encoding.kind === 'float16');
}
