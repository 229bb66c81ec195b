/**
 * Names of layers from the names of tensors. A converter joins the graph names of all that it fused by `;`, the layer's path before each:
 * `model/conv2d_5/BiasAdd;model/conv2d_5/Conv2D` is the layer conv2d_5.
 */

const roots = /^(?:StatefulPartitionedCall|model|sequential|functional)(?:_\d+)*\//;
const operations =
  /\/(?:BiasAdd|Conv2D|MatMul|depthwise|Tensordot|conv2d_transpose|unidirectional_sequence_lstm|FusedBatchNorm(?:V\d)?|Relu6?|Softmax|Sigmoid|Tanh|Elu|LeakyRelu|add|mul|concat|AvgPool|MaxPool|Mean|Max|Pad|Reshape)(?:[_:/].*)?$/;
const weighted = /\/(?:Conv2D|MatMul|depthwise|Tensordot|BiasAdd|conv2d_transpose)(?:[_:/].*)?$/;
const meaningless = /^(?:Identity|PartitionedCall|StatefulPartitionedCall|arith\.constant|tfl\.|serving_default)/;

export interface LayerName {
  readonly short: string;
  /** With the word for the operation, for a layer that is several operations. */
  readonly long: string;
}

/** The layer that tensors are named after; `kind` in small letters where their names say nothing. */
export function layerName(kind: string, tensors: readonly string[], hasWeights: boolean): LayerName {
  const parts = tensors.flatMap((name) => name.split(';')).map((name) => name.replace(roots, ''));
  const telling = parts.filter((name) => name !== '' && !meaningless.test(name));
  const part = (hasWeights ? telling.find((name) => weighted.test(name)) : undefined) ?? telling[0];
  const long = part?.replace(/:\d+$/, '').slice(0, 120) || kind.toLowerCase();
  return { short: long.replace(operations, '') || long, long };
}

/** A name with no other form. */
export const alone = (name: string): LayerName => ({ short: name, long: name });

export interface Names {
  /** The name, the other one where it is taken already, and else that with a number. */
  take(name: string, other?: string): string;
}

/** Names that are each given once. */
export function createNames(): Names {
  const taken = new Map<string, number>();
  const numbered = (name: string): string => {
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : numbered(`${name}_${count}`);
  };
  return { take: (name, other = name) => numbered(taken.has(name) ? other : name) };
}
