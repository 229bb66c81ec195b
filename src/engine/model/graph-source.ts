/**
 * What a TF.js graph-model keeps beside its nodes: the topology as it was read, which TF.js' own executor runs, and the layout of its
 * weights. The model's nodes are a view of it: operators with the constants that they read. Weights change, the graph never does.
 */
import type { Json } from './model.ts';

/** A tensor of the manifest. */
export interface GraphTensor {
  readonly name: string;
  /** Its entry in the manifest, as it was read. */
  readonly entry: { readonly [key: string]: Json };
  /** The bytes of a tensor that holds no float32 numbers; absent where the model's weights hold the tensor. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

export interface GraphSource {
  /** model.json without the weights manifest. */
  readonly json: { readonly [key: string]: Json };
  /** The groups of the manifest, each in its order. */
  readonly groups: readonly (readonly GraphTensor[])[];
  /** Names of the placeholders, in the order of the model's inputs. */
  readonly feeds: readonly string[];
  /** Names of the tensors that come out, in the order of the model's outputs. */
  readonly fetches: readonly string[];
  /** The number of samples that the graph takes at once; null where it takes any. */
  readonly batch: number | null;
  /** True where some sizes depend on values, which TF.js only runs asynchronously. */
  readonly dynamic: boolean;
}
