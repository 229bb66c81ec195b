/**
 * The TF.js backend `simd`: tensors lie in the arena, where kernels take them by their address. It is a `MathBackendCPU`, so that every kernel
 * of TF.js' plain backend runs on it too: such a kernel sees views of the arena, and what it returns is copied there.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { InPlaceBackend, StepArrays } from '../in-place.ts';
import type { Machine } from './machine.ts';
import { createStepper } from './stepper.ts';

type Values = tf.backend_util.BackendValues;
type Numbers = Float32Array | Int32Array | Uint8Array;
type DataId = tf.TensorInfo['dataId'];

/** What lies at an address; the view of it is made when a plain kernel first asks, and stays good: shared memory grows in place. */
class ArenaData {
  refCount = 1;
  private view: Numbers | undefined;
  constructor(
    readonly dtype: tf.DataType,
    readonly memory: WebAssembly.Memory,
    readonly offset: number,
    readonly length: number,
  ) {}

  get values(): Numbers {
    this.view ??= viewOf(this.dtype, this.memory.buffer, this.offset, this.length);
    return this.view;
  }
}

function viewOf(dtype: tf.DataType, buffer: ArrayBufferLike, offset: number, length: number): Numbers {
  if (dtype === 'float32') return new Float32Array(buffer, offset, length);
  return dtype === 'int32' ? new Int32Array(buffer, offset, length) : new Uint8Array(buffer, offset, length);
}

const inArena = (dtype: tf.DataType): boolean => dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
const bytesPer = (dtype: tf.DataType): number => (dtype === 'bool' ? 1 : 4);

export class SimdBackend extends MathBackendCPU implements InPlaceBackend {
  private readonly stepper: ReturnType<typeof createStepper>;

  constructor(readonly machine: Machine) {
    super();
    this.stepper = createStepper(machine);
    // Spares Node the advice to install another backend.
    Object.assign(this, { firstUse: false });
  }

  /** A tensor whose numbers are whatever memory held. */
  allocate(shape: readonly number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): tf.TensorInfo {
    const dataId = {};
    this.place(dataId, dtype, tf.util.sizeFromShape([...shape]));
    return { dataId, shape: [...shape], dtype };
  }

  /** The address of a tensor of numbers. */
  addressOf({ dataId }: Pick<tf.TensorInfo, 'dataId'>): number {
    const data = this.data.get(dataId) as unknown as ArenaData;
    return data.offset;
  }

  /** The numbers themselves, until their tensor is gone. */
  valuesOf({ dataId }: Pick<tf.TensorInfo, 'dataId'>): Numbers {
    return this.data.get(dataId).values as Numbers;
  }

  ownNumbers({ dataId, dtype }: tf.Tensor): Float32Array | undefined {
    const data = this.data.get(dataId) as unknown as ArenaData;
    if (dtype !== 'float32' || data.refCount > 1) return undefined;
    const values = data.values as Float32Array;
    this.stepper.know(values, data.offset);
    return values;
  }

  step(kind: 'adam' | 'momentum', rate: number, floor: number, parameters: readonly StepArrays[]): boolean {
    return this.stepper.step(kind, rate, floor, parameters);
  }

  sumOfSquares(arrays: readonly Float32Array[]): number {
    return this.stepper.sumOfSquares(arrays);
  }

  private place(dataId: DataId, dtype: tf.DataType, length: number): ArenaData {
    const { arena } = this.machine;
    const data = new ArenaData(dtype, arena.memory, arena.allocate(length * bytesPer(dtype)), length);
    this.data.set(dataId, data);
    return data;
  }

  override write(values: Values, shape: number[], dtype: tf.DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: Values, shape: number[], dtype: tf.DataType, refCount: number): void {
    if (!inArena(dtype) || values === undefined || values === null) {
      this.data.set(dataId, { values, dtype, refCount });
      return;
    }
    const data = this.place(dataId, dtype, tf.util.sizeFromShape(shape));
    data.values.set(values as Numbers);
    data.refCount = refCount;
  }

  /** A copy: what lies in the arena is overwritten once its tensor is gone. */
  override readSync(dataId: DataId): Values {
    const data = this.data.get(dataId);
    return data instanceof ArenaData ? data.values.slice() : super.readSync(dataId);
  }

  override async read(dataId: DataId): Promise<Values> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = this.data.has(dataId) ? this.data.get(dataId) : undefined;
    const gone = super.disposeData(dataId, force);
    if (gone && data instanceof ArenaData) this.machine.arena.free(data.offset);
    return gone;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: false, reasons: [] };
  }

  override dispose(): void {
    this.machine.dispose();
  }
}
