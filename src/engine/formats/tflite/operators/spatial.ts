/** Windows, reductions over space, padding and resizing. */
import type { Shape } from '../../../model/model.ts';
import { activated, type Call, paddingOf } from '../call.ts';
import type { Flow, Value } from '../graph.ts';
import {
  BuiltinOptions,
  Pool2DOptions,
  ReducerOptions,
  ResizeBilinearOptions,
  ResizeNearestNeighborOptions,
} from '../schema/schema.ts';
import { reduced } from './functions.ts';

/** The reader of MAX_POOL_2D or AVERAGE_POOL_2D. */
export function pooling(className: 'MaxPooling2D' | 'AveragePooling2D'): (call: Call) => Flow {
  return (call) => {
    const options = call.options(BuiltinOptions.Pool2DOptions, new Pool2DOptions());
    const config = {
      pool_size: [options.filterHeight(), options.filterWidth()],
      strides: [options.strideH(), options.strideW()],
      padding: paddingOf(call, options.padding()),
    };
    return activated(call, call.add(className, config, [call.flow(0)]), options.fusedActivationFunction());
  };
}

/** The reader of MEAN or REDUCE_MAX: over all of a sample's places a layer, else an operator. */
export function reduction(word: 'Average' | 'Max'): (call: Call) => Flow {
  return (call) => {
    const input = call.flow(0);
    const rank = input.shape.length + 1;
    const axes = [...new Set(call.integers(1).map((axis) => (axis < 0 ? axis + rank : axis)))].sort();
    const spatial = rank === 4 ? '1,2' : rank === 3 ? '1' : 'none';
    if (axes.join() !== spatial) return reduced(call);
    const keeps = call.options(BuiltinOptions.ReducerOptions, new ReducerOptions()).keepDims();
    return call.add(`Global${word}Pooling${rank - 2}D`, { keepdims: keeps }, [input]);
  };
}

/** The amounts before and behind each axis of a sample. */
function amounts(call: Call): (readonly [number, number])[] {
  const numbers = call.integers(1);
  const pairs = Array.from(
    { length: numbers.length / 2 },
    (_, axis) => [numbers[2 * axis] ?? 0, numbers[2 * axis + 1] ?? 0] as const,
  );
  if (pairs.length !== call.tensor(0).shape.length)
    throw call.refuse(`It pads ${pairs.length} axes of ${call.tensor(0).shape.length}.`);
  return pairs;
}

/** PAD and PADV2 with zeros, around the places of pictures or of rows, or with a zero behind each row. */
export function padding(call: Call): Value {
  const input = call.flow(0);
  if (call.has(2) && call.constant(2).values.some((value) => value !== 0))
    throw call.refuse('It pads with a number other than zero.');
  const [batch = [0, 0], ...sides] = amounts(call);
  const channels = sides.pop() ?? [0, 0];
  const around = [...batch, ...sides.flat(), ...channels];
  if (sides.length === 1 && around.join() === '0,0,0,0,0,1') return { kind: 'begun', flow: input, first: null };
  if ([...batch, ...channels].some((amount) => amount !== 0) || sides.length < 1 || sides.length > 2) {
    throw call.refuse('It pads the batch or the channels.');
  }
  if (sides.length === 2) return call.add('ZeroPadding2D', { padding: sides }, [input]);
  const [rows = null, depth = null] = input.shape;
  const picture = reshaped(call, input, [rows, 1, depth], 'picture');
  const padded = call.add('ZeroPadding2D', { padding: [sides[0] ?? [0, 0], [0, 0]] }, [picture]);
  return reshaped(call, padded, [padded.shape[0] ?? null, depth], 'rows');
}

/** The same numbers in another shape; at most one size may be unknown. */
export function reshaped(call: Call, input: Flow, shape: Shape, part?: string): Flow {
  if (input.shape.join() === shape.join()) return input;
  if (shape.length === 1 && input.shape.length > 1) return call.add('Flatten', {}, [input], {}, part);
  return call.add('Reshape', { target_shape: shape.map((size) => size ?? -1) }, [input], {}, part);
}

/** The reader of RESIZE_NEAREST_NEIGHBOR or RESIZE_BILINEAR by whole factors. */
export function resize(interpolation: 'nearest' | 'bilinear'): (call: Call) => Flow {
  return (call) => {
    const options =
      interpolation === 'nearest'
        ? call.options(BuiltinOptions.ResizeNearestNeighborOptions, new ResizeNearestNeighborOptions())
        : call.options(BuiltinOptions.ResizeBilinearOptions, new ResizeBilinearOptions());
    const input = call.flow(0);
    const output = call.sample();
    const size = [0, 1].map((axis) => (output[axis] ?? Number.NaN) / (input.shape[axis] ?? Number.NaN));
    const [height, width] = output;
    const whole = size.every((factor) => Number.isInteger(factor) && factor > 0);
    if (typeof height !== 'number' || typeof width !== 'number') throw call.refuse('It resizes to a size that is not stored.');
    // With whole factors the nearest place is the same either way, unless corners are aligned.
    if (options.alignCorners() || (interpolation === 'bilinear' && !options.halfPixelCenters())) {
      throw call.refuse('It interpolates between corners; here, as in Keras, between the centres of pixels.');
    }
    if (whole) return call.add('UpSampling2D', { size, interpolation }, [input]);
    if (options.halfPixelCenters()) return call.add('Resizing', { height, width, interpolation }, [input]);
    throw call.refuse('It takes the nearest place as counted from corners; here, as in Keras, from the centres of pixels.');
  };
}
