/**
 * What a run says: plain JSON figures before and after, each with unit, interval, sample count and how it was obtained.
 * The page, the command line and saved reports all read this one shape.
 */
import type { Outcomes } from './metrics/outcomes.ts';
import type { Recipe } from './recipe.ts';
import type { ActivationRange, StepNote, TrainingCurve } from './technique.ts';

export interface Measured {
  readonly value: number;
  readonly unit: string;
  /** 95 % interval, same unit. */
  readonly interval?: readonly [number, number];
  /** Samples, runs or elements it rests on. */
  readonly n?: number;
  readonly how: 'measured' | 'estimated';
  /** Backend or runtime, where it matters: `wasm`. */
  readonly on?: string;
  /** True where the input was synthetic because no data was given. */
  readonly synthetic?: boolean;
}

/** A paired difference, after − before. */
export interface Paired {
  readonly difference: Measured;
  /** Exact McNemar p for accuracy; absent elsewhere. */
  readonly pValue?: number;
  /** `none` only where the 95 % interval lies within the stated margin; `unresolved` where it straddles it. */
  readonly verdict: 'none' | 'better' | 'worse' | 'unresolved';
  /** The sentence behind the verdict, with what this sample size can resolve. */
  readonly text: string;
}

/** Keys are metric ids: `size/gzip`, `accuracy/top1`, `latency/median`, `macs` … */
export type Figures = { readonly [metric: string]: Measured };

export interface LayerReport {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly (number | null)[];
  readonly parameters: number;
  readonly nonZero: number;
  /** For one sample; null where a size is not known. */
  readonly macs: number | null;
  /** Human words for how its kernel is stored: `int4 per channel`, `float32`. */
  readonly stored: string;
  readonly bits: number;
  /** Bit-packed payload before and after, bytes. */
  readonly payloadBefore: number;
  readonly payloadAfter: number;
  /** Signal to quantization noise of the kernel's values, dB; absent where unchanged. */
  readonly sqnr?: number;
  /** Share of the model's time, 0–1. */
  readonly latencyShare?: number;
  readonly notes: readonly string[];
}

export interface Environment {
  readonly engine: string;
  readonly backend: string;
  readonly agent: string;
  readonly isolated: boolean;
}

export interface Report {
  readonly report: 1;
  readonly model: string;
  readonly recipe: Recipe;
  readonly environment: Environment;
  readonly before: Figures;
  readonly after: Figures;
  readonly paired: { readonly [metric: string]: Paired };
  /** How each sample was answered, for comparing runs with one another; absent where outputs are no classes. */
  readonly outcomes?: Outcomes;
  readonly layers: readonly LayerReport[];
  readonly notes: readonly StepNote[];
  /** One per step that trained, in their order; absent where none did. */
  readonly training?: readonly TrainingCurve[];
  /** Ranges that activations were given; absent where all are float. */
  readonly ranges?: readonly ActivationRange[];
  /** Milliseconds per stage. */
  readonly timings: { readonly [stage: string]: number };
}
