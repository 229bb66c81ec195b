/**
 * A .tflite file before it is bytes: tensors with their types, grids and constant data, and the operators that read and make them.
 * A tensor is named by its object; the serializer counts them in the order in which operators use them.
 */
import type { BuiltinOperator } from '../schema/schema.ts';
import type { Options } from './options.ts';

export type OperatorCode = keyof typeof BuiltinOperator;
export type FileType = 'FLOAT32' | 'FLOAT16' | 'INT32' | 'UINT8' | 'INT8' | 'INT4' | 'INT16' | 'INT64' | 'BOOL';

/** real = scale (q − zero point), per tensor or along `axis`. */
export interface FileGrid {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  /** Where there are several scales; 0 otherwise. */
  readonly axis: number;
}

export interface FileTensor {
  readonly name: string;
  /** Batch included. */
  readonly shape: readonly number[];
  readonly type: FileType;
  /** Little-endian bytes of a constant. */
  readonly data?: Uint8Array;
  readonly grid?: FileGrid;
  /** Kept by the interpreter from one step to the next, and from one run to the next. */
  readonly isVariable?: true;
}

export interface FileOperator {
  readonly code: OperatorCode;
  /** Null stands for an optional input that is not there. */
  readonly inputs: readonly (FileTensor | null)[];
  readonly output: FileTensor;
  readonly options: Options | null;
}

/** An input or output of the model under the name of its signature. */
export interface FilePort {
  readonly name: string;
  readonly tensor: FileTensor;
}

export interface FileGraph {
  readonly name: string;
  readonly inputs: readonly FilePort[];
  readonly outputs: readonly FilePort[];
  readonly operators: readonly FileOperator[];
  /** True where the first axis of what flows may have any size. */
  readonly anyBatch: boolean;
}

/** The bytes of an array, as they stand in memory (little-endian on every machine that runs JavaScript engines of today). */
export function bytesOf(array: Float32Array | Int32Array | Int8Array | Int16Array | Uint16Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
