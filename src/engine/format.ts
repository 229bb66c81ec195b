/**
 * The contract of a model file format: recognised by content, read into a Model, written from one. One folder or file per
 * format under `formats/`, listed by hand in the registry.
 */
import type { Context } from './context.ts';
import type { Model, Shape } from './model/model.ts';

/** A file as it was given; bytes are read only when a reader asks. Paths use `/`. */
export interface SourceFile {
  readonly path: string;
  readonly size: number;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes `start … end − 1`, read alone; absent where only the whole can be had. */
  slice?(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Something the format can't hold as it is, said before saving. */
export interface Loss {
  readonly layer: string;
  readonly code: string;
  /** What is lost and how it is written instead. */
  readonly text: string;
  /** Root-mean-square change of the weights relative to their own, where values change. */
  readonly relativeError?: number;
}

export interface ReadOptions {
  /** Open although some weights are NaN or infinite (they are named in the notes). */
  readonly allowNonFinite?: boolean;
}

export interface WriteOptions {
  /** `float32`: every tensor as plain float32, the yardstick "before" is measured with. */
  readonly precision: 'encoded' | 'float32';
  /** The files are only weighed, so that layers the format's runtime can't load do not matter. */
  readonly onlyWeighed?: boolean;
  /** Only for .tflite files. */
  readonly tflite?: TfliteOptions;
}

export const tfliteKinds = ['float32', 'float16', 'dynamic', 'int8', 'int16x8'] as const;
/** What a .tflite file computes with: floats; floats with half weights; floats with int8 weights; integers; int8 weights and int16 activations. */
export type TfliteKind = (typeof tfliteKinds)[number];

export const tfliteIos = ['float32', 'int8', 'uint8'] as const;

export interface TfliteOptions {
  /** Absent: what the model's weights and activations already are. */
  readonly kind?: TfliteKind;
  /** What is put into an int8 file and comes out of it; float32 where absent. */
  readonly io?: (typeof tfliteIos)[number];
  /** Codes of up to 4 bits two to a byte, which LiteRT takes and older interpreters refuse; a byte each where absent. */
  readonly int4?: boolean;
  /** Batches of any size instead of 1; not every runtime takes them. */
  readonly anyBatch?: boolean;
  /** An LSTM of the usual kind as one operator: smaller, but it keeps a state, which LiteRT refuses; step by step where absent and possible. */
  readonly fusedLstm?: boolean;
  /** Sizes that the model leaves open, without batch, in the order of its inputs. */
  readonly inputShapes?: readonly Shape[];
}

export interface Format {
  readonly id: string;
  readonly title: string;
  readonly extensions: readonly string[];
  /** `graphs`: files of this format hold a graph as it was read, which models made of layers do not have, and nothing else. */
  readonly holds?: 'graphs';
  /** How surely these files are of this format, 0–1, judged by content first. */
  probe(files: readonly SourceFile[]): Promise<number>;
  read(files: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model>;
  /** Files of the model. Throws EXPORT_LAYER, by name, for layers that the format's own runtime can't load. */
  write?(model: Model, options: WriteOptions, context: Context): Promise<readonly OutputFile[]>;
  /** What writing would lose. Empty means codes exact and outputs equal. */
  cannotExpress?(model: Model, options?: WriteOptions): readonly Loss[];
}
