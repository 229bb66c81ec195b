/**
 * What a recipe would make of a model's size, from sketches, without touching the weights: exact packed bytes and an estimate of the
 * TF.js file and of its gzip. Fast enough to follow a slider (see bench/estimate.ts).
 */
import { gzipBits } from './coding/gzip-estimate.ts';
import type { Model } from './model/model.ts';
import { type Plan, planRecipe } from './plan.ts';
import type { Recipe } from './recipe.ts';
import { sketchModel } from './sketch.ts';
import type { StepNote, WeightSketch } from './technique.ts';

export interface LayerEstimate {
  readonly name: string;
  readonly op: string;
  /** Exact bytes of the bit-packed payload. */
  readonly payload: number;
  /** Bits per element of its largest tensor. */
  readonly bits: number;
  /** Share of zeros, 0–1. */
  readonly zeros: number;
}

export interface SizeEstimate {
  /** Exact bytes of the bit-packed payload. */
  readonly payload: number;
  /** Estimated bytes of the order-0 entropy bound. */
  readonly entropy: number;
  /** Estimated bytes of the TF.js weights and topology. */
  readonly file: number;
  /** Estimated bytes of their gzip. */
  readonly gzip: number;
  readonly parameters: number;
  /** Estimated. */
  readonly nonZero: number;
  readonly layers: readonly LayerEstimate[];
  readonly notes: readonly StepNote[];
}

/** Bytes of the topology file, where they are known; else they are estimated from the number of layers and tensors. */
export interface Topology {
  readonly file: number;
  readonly gzip: number;
}

/** Estimates the size of a recipe's result. Throws RECIPE_* errors as planning does. */
export function estimateRecipe(
  model: Model,
  sketches: readonly WeightSketch[],
  recipe: Recipe,
  topology?: Topology,
): SizeEstimate {
  const plan = planRecipe(recipe, model);
  const after = afterSteps(plan, plan.structure === model ? sketches : sketchModel(plan.structure));
  const { file, gzip } = topology ?? topologyOf(plan.structure);
  const layers = new Map<string, WeightSketch[]>();
  for (const sketch of after) layers.set(sketch.layer, [...(layers.get(sketch.layer) ?? []), sketch]);
  const sum = (bits: (sketch: WeightSketch) => number) => after.reduce((total, sketch) => total + Math.ceil(bits(sketch) / 8), 0);
  return {
    payload: sum(payloadBits),
    entropy: sum(({ stored, elements }) => stored.entropy * elements + stored.overheadBits),
    file: file + sum((sketch) => sketch.stored.fileBits * sketch.elements + fileOverheadBits(sketch)),
    gzip:
      gzip +
      sum((sketch) => gzipBits(sketch.stored.fileBits, sketch.stored.fileEntropy) * sketch.elements + fileOverheadBits(sketch)),
    parameters: after.reduce((total, { elements }) => total + elements, 0),
    nonZero: after.reduce((total, { elements, zeros }) => total + Math.round(elements * (1 - zeros)), 0),
    layers: [...layers.values()].map(layerOf),
    notes: plan.notes,
  };
}

/** The sketches as the steps leave them, structural steps already done. */
function afterSteps(plan: Plan, sketches: readonly WeightSketch[]): readonly WeightSketch[] {
  const now = new Map(sketches.map((sketch) => [sketch.id, sketch]));
  for (const { technique, picks } of plan.steps) {
    if (technique.outline !== undefined) continue;
    const all = picks.flatMap(({ id, params }) => {
      const sketch = now.get(id);
      return sketch === undefined ? [] : [{ sketch, params: params as never }];
    });
    for (const { sketch, params } of all) now.set(sketch.id, technique.estimate(sketch, params, all));
  }
  return [...now.values()];
}

function payloadBits({ stored, elements }: WeightSketch): number {
  return stored.bits * elements + stored.overheadBits;
}

/** Scales are written as a vector behind the layer; palettes and single scales are not part of the weights file. */
function fileOverheadBits({ stored }: WeightSketch): number {
  return stored.kind === 'affine' && stored.overheadBits > 64 && stored.fileBits === 8 ? stored.overheadBits : 0;
}

function layerOf(sketches: readonly WeightSketch[]): LayerEstimate {
  const largest = sketches.reduce((best, sketch) => (sketch.elements > best.elements ? sketch : best));
  const elements = sketches.reduce((sum, sketch) => sum + sketch.elements, 0);
  return {
    name: largest.layer,
    op: largest.op,
    payload: sketches.reduce((sum, sketch) => sum + Math.ceil(payloadBits(sketch) / 8), 0),
    bits: largest.stored.bits,
    zeros: elements === 0 ? 0 : sketches.reduce((sum, sketch) => sum + sketch.zeros * sketch.elements, 0) / elements,
  };
}

/** A layer takes about 350 bytes of JSON and a tensor 110; gzip leaves about a tenth of it. */
function topologyOf(model: Model): Topology {
  const file = 500 + 350 * model.nodes.length + 110 * model.weights.size;
  return { file, gzip: 300 + Math.round(0.1 * file) };
}
