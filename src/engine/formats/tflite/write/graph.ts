/**
 * A model in TFLite's operators, before it is decided which of its numbers are floats and which are integers: layers are already
 * operators, normalizations folded, activations fused and kernels in TFLite's layout, but constants keep both values and codes.
 */
import type { ValueId, Weight } from '../../../model/model.ts';
import type { OperatorCode } from './file-graph.ts';
import type { Options } from './options.ts';
import type { SignedCodes } from './signed-codes.ts';

/** A tensor that flows between operators. */
export interface FlowTensor {
  readonly kind: 'flow';
  readonly name: string;
  /** Batch included, which is 1. */
  readonly shape: readonly number[];
  /** The model's value it is; null within what becomes several operators. */
  readonly value: ValueId | null;
  /** The outcome of a comparison. */
  readonly isBool?: true;
  /** Whole numbers that count rows. */
  readonly isIndex?: true;
}

/** A stored tensor of the model that may be written as integers. */
export interface KernelTensor {
  readonly kind: 'kernel';
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** The axis of output channels. */
  readonly axis: number;
  /** What the model already has; null where its values must be rounded to integers first. */
  readonly codes: SignedCodes | null;
  /** The tensor it comes from; null for factors that were computed. */
  readonly origin: Weight | null;
  /** True where it must be floats wherever its input is. */
  readonly floatWithFloats?: true;
  /** True where it has one scale and is an integer wherever weights are: its operator takes only kernels that are alike. */
  readonly alike?: true;
  /** One more input behind the stored ones, with this weight for each channel: no more than its largest, so that its scale stays. */
  readonly oneMore?: number;
}

/** What an operator keeps from one step to the next; zeros at first. */
export interface StateTensor {
  readonly kind: 'state';
  readonly name: string;
  readonly shape: readonly number[];
}

/** Other numbers: biases, slopes, factors. */
export interface VectorTensor {
  readonly kind: 'vector';
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly isHalf: boolean;
}

/** Shapes, axes and paddings. */
export interface IndexTensor {
  readonly kind: 'index';
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Int32Array;
}

export type GraphTensor = FlowTensor | KernelTensor | VectorTensor | IndexTensor | StateTensor;

export interface GraphOperator {
  readonly code: OperatorCode;
  readonly inputs: readonly (GraphTensor | null)[];
  readonly output: FlowTensor;
  readonly options: Options | null;
  /** Whose it is. */
  readonly layer: string;
  /** True where it computes with floats whatever grids there are. */
  readonly floats?: true;
}

export interface GraphPort {
  readonly name: string;
  readonly tensor: FlowTensor;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly operators: readonly GraphOperator[];
}
