/**
 * Convolutions and dense layers of int8 codes by the kernels of the backend `simd`, a picture at a time. Packed weights stay in its memory
 * until they are freed; codes are lent room for a run.
 */
import * as tf from '@tensorflow/tfjs-core';
import { factorInFloat32 } from '../integer/fixed-point.ts';
import { scaleOf, sizeOf } from '../integer/tensors.ts';
import type { Accelerate, Convolve, Windowed } from '../integer/weighted.ts';
import { before } from '../integer/windows.ts';
import {
  type IntegerConvolutionArgs,
  integerConvolution,
  integerDepthwise,
  packedChannels,
  packedUnits,
} from './simd/kernels/integers.ts';
import type { Machine } from './simd/machine.ts';

export interface Accelerator {
  readonly accelerate: Accelerate;
  /** Frees what was prepared. */
  dispose(): void;
}

/** That of the current backend; null where it has no such kernels. */
export function createAccelerator(): Accelerator | null {
  const { machine } = tf.backend() as { readonly machine?: Machine };
  if (machine === undefined) return null;
  const taken: number[] = [];
  const put = (values: Int16Array | Int32Array | Float32Array): number => {
    const address = machine.arena.allocate(values.byteLength);
    taken.push(address);
    bytesAt(machine, address, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return address;
  };
  return {
    accelerate: (layer) => prepared(layer, machine, put),
    dispose() {
      for (const address of taken.splice(0)) machine.arena.free(address);
    },
  };
}

const bytesAt = ({ arena }: Machine, address: number, count: number): Uint8Array =>
  new Uint8Array(arena.memory.buffer, address, count);

type Put = (values: Int16Array | Int32Array | Float32Array) => number;
type Place = (x: number, y: number) => IntegerConvolutionArgs;

/** Null for depthwise filters of which a channel has several. */
function prepared(layer: Windowed, machine: Machine, put: Put): Convolve | null {
  const { x, output, isDepthwise, kernel } = layer;
  const [channels = 1, filters = 1] = [x.shape[3], output.shape[3]];
  if (isDepthwise && channels !== filters) return null;
  const parts = isDepthwise ? [depthwisePart(layer, put)] : groups(layer, put);
  const [inputs, outputs] = [sizeOf(x.shape), sizeOf(output.shape)];
  const work = (outputs * kernel.codes.length) / filters;
  return (codes) => {
    const made = new Int8Array(outputs);
    machine.borrow(inputs, (from) => {
      bytesAt(machine, from, inputs).set(new Uint8Array(codes.buffer, codes.byteOffset, inputs));
      machine.borrow(outputs, (to) => {
        const run = isDepthwise ? integerDepthwise : integerConvolution;
        for (const place of parts) machine.run(run, place(from, to), work / parts.length);
        new Uint8Array(made.buffer).set(bytesAt(machine, to, outputs));
      });
    });
    return made;
  };
}

type Triple = readonly [number, number, number];

/** What all parts of a layer share. */
function shared({ x, output, window, range }: Windowed) {
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1, filters = 1] = output.shape;
  const { size, strides, dilation } = window;
  return {
    ...{ input: [height, width, channels] as Triple, output: [rows, columns, filters] as Triple },
    ...{ size, strides, dilation, range, zeroPoints: [x.zeroPoint, output.zeroPoint] as const },
    before: [before(window, 0, height, rows), before(window, 1, width, columns)] as const,
  };
}

/** Biases and factors of some units, whole eights of them. */
function scales({ x, kernel, bias, output }: Windowed, first: number, units: number, put: Put) {
  const biases = new Int32Array(8 * Math.ceil(units / 8));
  const factors = new Float32Array(biases.length);
  for (let i = 0; i < units; i++) {
    biases[i] = bias?.codes[first + i] ?? 0;
    const scale = kernel.scale[kernel.scale.length === 1 ? 0 : first + i] as number;
    factors[i] = factorInFloat32(scaleOf(x), scale, scaleOf(output));
  }
  return { bias: put(biases), factors: put(factors) };
}

function depthwisePart(layer: Windowed, put: Put): Place {
  const all = shared(layer);
  const [, , channels] = all.input;
  const kernel = put(packedChannels(layer.kernel.codes as Int8Array, channels));
  const rest = { ...scales(layer, 0, channels, put), from: 0, seen: channels, first: 0, units: channels };
  return (x, y) => ({ ...all, ...rest, kernel, x, y });
}

function groups(layer: Windowed, put: Put): Place[] {
  const all = shared(layer);
  const { kernel } = layer;
  const [, , , seen = 1] = kernel.shape;
  const depth = kernel.codes.length / all.output[2];
  const count = all.input[2] / seen;
  const units = all.output[2] / count;
  return Array.from({ length: count }, (_, group) => {
    const first = group * units;
    const packed = put(packedUnits(kernel.codes.subarray(first * depth, (first + units) * depth) as Int8Array, depth));
    const rest = { ...scales(layer, first, units, put), from: group * seen, seen, first, units };
    return (x, y) => ({ ...all, ...rest, kernel: packed, x, y });
  });
}
