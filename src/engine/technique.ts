/**
 * The contract of a technique: one small module under `techniques/`, one record, listed by hand in the registry.
 * A technique never looks up `where`, `except` or per-layer overrides itself: it is handed its targets, each with its own
 * validated parameters, and returns a new model.
 */
import type { Context } from './context.ts';
import type { Encoding } from './model/encoding.ts';
import type { Model, Node, Shape, ValueId, Weight, WeightId } from './model/model.ts';
import type { WeightSlot } from './model/op.ts';
import type { ParamSchema } from './params.ts';

/** One stored tensor that a step works on. A tensor shared by several nodes is one target, under its first node. */
export interface Target<P> {
  readonly id: WeightId;
  readonly node: Node;
  /** Shapes of the node's inputs, without batch. */
  readonly inputs: readonly Shape[];
  readonly slot: WeightSlot;
  readonly weight: Weight;
  readonly params: P;
}

/** What a step did not do, or did beside what was asked, per layer. */
export interface StepNote {
  readonly layer: string;
  readonly weight?: WeightId;
  readonly code: string;
  readonly text: string;
}

/** What a training step did, epoch by epoch. */
export interface TrainingCurve {
  readonly technique: string;
  /** Epochs that were finished. */
  readonly epochs: number;
  /** Mean training loss of each epoch. */
  readonly losses: readonly number[];
  /** Score on the validation samples before training and after each epoch; empty where none were held out. */
  readonly validation: readonly number[];
  /** What `validation` is: share of right answers (0–1, higher is better) or loss (lower is better). */
  readonly metric: 'accuracy' | 'loss';
  /** The epoch whose weights were kept; 0 are the weights before training. */
  readonly best: number;
  readonly seconds: number;
  /** Why it ended before its last epoch. */
  readonly stopped?: 'asked' | 'diverged' | 'patience';
}

/** The range that activations were given, and what of them was seen. */
export interface ActivationRange {
  /** The layer that makes the first of the values. */
  readonly layer: string;
  /** All values that share the range. */
  readonly values: readonly ValueId[];
  readonly bits: 8 | 16;
  readonly min: number;
  readonly max: number;
  /** How it was found; `fixed` where the operator alone decides, `kept` where an earlier step had given it. */
  readonly method: string;
  /** Share of the numbers seen that lie outside, 0–1. */
  readonly clipped: number;
  /** What was seen; absent where nothing was. */
  readonly seen?: {
    readonly min: number;
    readonly max: number;
    /** Numbers in equal bins over [min, max]. */
    readonly counts: readonly number[];
  };
}

export interface StepResult {
  readonly model: Model;
  readonly notes: readonly StepNote[];
  /** Present where the step trained. */
  readonly training?: TrainingCurve;
  /** Present where the step gave activations their ranges. */
  readonly ranges?: readonly ActivationRange[];
}

/** Layers that a step works on, by name, with their own parameters; null for those that `except` names. What `where` leaves out is absent. */
export type ChosenLayers<P> = ReadonlyMap<string, P | null>;

/**
 * A few kilobytes that stand for a stored tensor while a slider moves: what its size can be estimated from without touching
 * the weights. Made once per tensor when a model is opened.
 */
export interface WeightSketch {
  readonly id: WeightId;
  readonly layer: string;
  readonly op: string;
  readonly slot: WeightSlot;
  readonly elements: number;
  /** Counts of the values other than zero in equal bins over [min, max]. */
  readonly histogram: { readonly min: number; readonly max: number; readonly counts: Float64Array };
  /** The 2,048 quantiles of |w|, ascending: where a magnitude threshold falls. */
  readonly magnitudes: Float32Array;
  /** Share of exact zeros, 0–1. */
  readonly zeros: number;
  /** True where a mask keeps pruned weights at zero. */
  readonly masked: boolean;
  /** Values other than zero relative to the largest magnitude of their own channel: counts in equal bins over [−1, 1]. */
  readonly channelHistogram: Float64Array;
  /** Largest magnitude of each channel that has any, ascending. */
  readonly channelReach: Float32Array;
  /** Mean over channels of (max − min) / (2 · largest magnitude). */
  readonly channelSpread: number;
  /** What the tensor would be stored as; arrays are left out, counts are exact. */
  readonly stored: StoredSketch;
}

/** The exact storage of a tensor, without its codes. */
export interface StoredSketch {
  readonly kind: Encoding['kind'];
  /** Bits per element. */
  readonly bits: number;
  /** Bits of scales, minima or centroids. */
  readonly overheadBits: number;
  /** Estimated entropy of the stored symbols, bits per element. */
  readonly entropy: number;
  /** True where a channel has several scales. */
  readonly grouped?: boolean;
  /** Bits per element in a TF.js file, where codes fill whole bytes and a tensor has one scale. */
  readonly fileBits: 8 | 16 | 32;
  /** Estimated entropy of what the file holds, bits per element. */
  readonly fileEntropy: number;
}

export interface Technique<P = never> {
  readonly id: `${'quantize' | 'prune' | 'fold' | 'distill' | 'train'}/${string}`;
  /** English name and one sentence, for the command line and the docs. */
  readonly title: string;
  readonly summary: string;
  readonly params: ParamSchema;
  /**
   * Steps run in ascending order of phase; a recipe that says otherwise is reordered with a note: structure, then sparsity, then grids.
   * Steps of the phase `train` change no form and stay where they are written.
   */
  readonly phase: 'structure' | 'sparsity' | 'grid' | 'train';
  /** True where the step learns from `Context.training`; such a step is kept under the data's id and never runs for a preview. */
  readonly trains?: true;
  /**
   * True where the step works on what flows between layers: it takes no tensors, is handed layers instead, and measures on
   * `Context.training`. It is kept under the data's id, and a preview of it may rest on what was measured before.
   */
  readonly calibrates?: true;
  /** True for tensors it takes with these parameters. */
  supports(slot: WeightSlot, node: Node, params: P): boolean;
  /** The tensor's sketch after this step, without data and without touching the weights. `all` holds every target's sketch, for global rankings. */
  estimate(sketch: WeightSketch, params: P, all: readonly { readonly sketch: WeightSketch; readonly params: P }[]): WeightSketch;
  /** `params` are the step's own, without per-layer overrides: what a step has once and not per tensor. */
  apply(model: Model, targets: readonly Target<P>[], context: Context, params: P, layers: ChosenLayers<P>): Promise<StepResult>;
  /** For steps that learn from data: what stands for the step until it has learned; the model as it is where absent. */
  preview?(
    model: Model,
    targets: readonly Target<P>[],
    context: Context,
    params: P,
    layers: ChosenLayers<P>,
  ): Promise<StepResult>;
  /** For steps that change the graph: the model after the step, at once, so that later steps can be planned and sizes estimated on it. */
  restructure?(model: Model, targets: readonly Target<P>[]): Model;
}

/** Types a technique's parameters once, where it is defined. */
export function defineTechnique<P>(technique: Technique<P>): Technique<P> {
  return technique;
}
