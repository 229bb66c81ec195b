/**
 * The model every part of the engine speaks of: an immutable, layer-granular graph (Keras-like: a Conv2D owns its
 * kernel, its bias and its fused activation). Readers produce it, techniques map it to a new one that shares every array
 * they did not touch, the runtime executes it and writers express it in a file format.
 * Nodes stand in topological order. Nested models are flattened on reading; their path is kept in the node's name (`outer/inner`).
 */
import type { ActivationGrid } from './activation-grid.ts';
import type { Encoding } from './encoding.ts';
import type { GraphSource } from './graph-source.ts';

/** The name of a tensor that flows between nodes. */
export type ValueId = string;
/** The name of a stored tensor, unique in a model: `conv1/kernel`. */
export type WeightId = string;
/** Dimensions without the batch; null is a size known only at run time. */
export type Shape = readonly (number | null)[];
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** An op's parameters: plain JSON, in the normal form that the op's own `read` produces. */
export type Attrs = { readonly [key: string]: Json };

export interface ModelInput {
  readonly value: ValueId;
  readonly name: string;
  /** Without the batch dimension. */
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32';
  /** Where the shape leaves sizes open: what figures are told for, chosen by whoever asks (input-size.ts). Files do not hold it. */
  readonly size?: readonly number[];
}

export interface Node {
  /** Unique in the model: the Keras layer's name, prefixed by the path of nested models (`features/conv1`). */
  readonly name: string;
  /** An id of the op registry: `Conv2D`. */
  readonly op: string;
  readonly attrs: Attrs;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  /** Role (`kernel`, `bias`, `gamma` …) to stored tensor. Two nodes with the same ids are calls of one shared layer. */
  readonly weights: Readonly<Record<string, WeightId>>;
}

export interface Weight {
  readonly shape: readonly number[];
  /** Row-major; always equal to `decode(encoding)` where the encoding carries codes. */
  readonly values: Float32Array;
  readonly encoding: Encoding;
  /** 1 where the weight is kept, 0 where it was pruned; later steps keep zeros zero. */
  readonly mask?: Uint8Array;
}

/** Something the reader repaired, dropped or assumed. */
export interface Note {
  readonly code: string;
  readonly text: string;
  readonly layer?: string;
}

export interface ModelSource {
  /** The id of the format it was read from. */
  readonly format: string;
  /** Bytes of all files given, as stored (optimizer state included). */
  readonly bytes: number;
  /** Bytes of optimizer state found and left out. */
  readonly optimizerBytes: number;
  readonly notes: readonly Note[];
}

export interface Model {
  readonly name: string;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ValueId[];
  readonly nodes: readonly Node[];
  readonly weights: ReadonlyMap<WeightId, Weight>;
  /** Grids of values that flow between layers and within them (stages.ts); absent where all are float. */
  readonly activations?: ReadonlyMap<ValueId, ActivationGrid>;
  /** Present where the model is a TF.js graph whose layers are unknown: it runs and is written as a whole, and only its weights change. */
  readonly graph?: GraphSource;
  readonly source: ModelSource;
}

/** The number of elements of a fully known shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** A new model with some weights replaced; all other arrays are shared. */
export function withWeights(model: Model, changes: ReadonlyMap<WeightId, Weight>): Model {
  const weights = new Map(model.weights);
  for (const [id, weight] of changes) weights.set(id, weight);
  return { ...model, weights };
}

/** The stored tensor of a node's role; undefined where the node has none (a Dense without bias). */
export function weightOf(model: Model, node: Node, role: string): Weight | undefined {
  const id = node.weights[role];
  return id === undefined ? undefined : model.weights.get(id);
}

/** All parameters, each shared tensor counted once. */
export function parameterCount(model: Model): number {
  let count = 0;
  for (const weight of model.weights.values()) count += weight.values.length;
  return count;
}
