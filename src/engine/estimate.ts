/**
 * What a recipe would make of a model's size, from sketches, without touching the weights: exact packed bytes and an estimate of the
 * TF.js file and of its gzip. Fast enough to follow a slider (see bench/estimate.ts); only a change of the graph is computed, once.
 */
import { emptiedByRanking } from './cautions.ts';
import { gzipBits } from './coding/gzip-estimate.ts';
import type { GraphSource } from './model/graph-source.ts';
import type { Model } from './model/model.ts';
import { consumersOf } from './model/topology.ts';
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

/** Bytes of model.json as the model would be written now. */
export interface Topology {
  readonly file: number;
  readonly gzip: number;
}

/**
 * Estimates the size of a recipe's result. `topology` makes it more exact where the model's own is known. Throws RECIPE_* errors
 * as planning does.
 */
export function estimateRecipe(
  model: Model,
  sketches: readonly WeightSketch[],
  recipe: Recipe,
  topology?: Topology,
): SizeEstimate {
  const plan = planRecipe(recipe, model);
  const { sketches: after, notes } = afterSteps(plan, plan.structure === model ? sketches : sketchModel(plan.structure));
  const around = surroundings(plan.structure, after);
  const unknown = topology === undefined ? { file: 0, gzip: 0 } : surroundings(model, sketches);
  const { file, gzip } = {
    file: around.file + (topology?.file ?? 0) - unknown.file,
    gzip: around.gzip + (topology?.gzip ?? 0) - unknown.gzip,
  };
  const layers = new Map<string, WeightSketch[]>();
  for (const sketch of after) layers.set(sketch.layer, [...(layers.get(sketch.layer) ?? []), sketch]);
  const sum = (bits: (sketch: WeightSketch) => number) => after.reduce((total, sketch) => total + Math.ceil(bits(sketch) / 8), 0);
  return {
    payload: sum(payloadBits),
    entropy: sum(({ stored, elements }) => stored.entropy * elements + stored.overheadBits),
    file: Math.round(file) + sum(({ stored, elements }) => stored.fileBits * elements),
    gzip: Math.round(gzip) + sum((sketch) => fileGzipBits(sketch) * sketch.elements),
    parameters: after.reduce((total, { elements }) => total + elements, 0),
    nonZero: after.reduce((total, { elements, zeros }) => total + Math.round(elements * (1 - zeros)), 0),
    layers: [...layers.values()].map(layerOf),
    notes: [...plan.notes, ...notes],
  };
}

/** The sketches as the steps leave them, structural steps already done. */
function afterSteps(plan: Plan, sketches: readonly WeightSketch[]) {
  const notes: StepNote[] = [];
  const now = new Map(sketches.map((sketch) => [sketch.id, sketch]));
  for (const { technique, picks } of plan.steps) {
    if (technique.restructure !== undefined) continue;
    const all = picks.flatMap(({ id, params }) => {
      const sketch = now.get(id);
      return sketch === undefined ? [] : [{ sketch, params: params as never }];
    });
    for (const { sketch, params } of all) now.set(sketch.id, technique.estimate(sketch, params, all));
    if (technique.id === 'prune/magnitude') {
      notes.push(...emptiedByRanking(all.map(({ sketch: { id }, params }) => ({ params, zeros: now.get(id)?.zeros ?? 0 }))));
    }
  }
  return { sketches: [...now.values()], notes };
}

function payloadBits({ stored, elements }: WeightSketch): number {
  return stored.bits * elements + stored.overheadBits;
}

/** Bits per element that gzip leaves of a tensor in a TF.js file. A palette on a grid of two bytes repeats pairs of bytes: a fifth to a half more, by measurement. */
export function fileGzipBits({ stored }: WeightSketch): number {
  // Two symbols alone make longer repeats than a curve for all alphabets knows.
  if (stored.bits === 1) return gzipBits(8, stored.fileEntropy) * 0.9;
  if (stored.kind !== 'codebook' || stored.fileBits !== 16) return gzipBits(stored.fileBits, stored.fileEntropy);
  return gzipBits(8, stored.fileEntropy) * (1.21 + 0.012 * Math.max(stored.bits - 3, 0) ** 2);
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

/** Whether a tensor's channel scales are written as a normalization behind its layer. */
function movesScales({ stored, slot }: WeightSketch): boolean {
  return stored.kind === 'affine' && stored.grouped !== true && slot.kind === 'kernel' && stored.overheadBits > 64;
}

const graphs = new WeakMap<GraphSource, number>();

/** Bytes of a graph's own JSON and of the tensors that hold no floats: gzip packs them well, names and attributes repeat. */
function graphBytes(graph: GraphSource): number {
  const known = graphs.get(graph);
  if (known !== undefined) return known;
  const tensors = graph.groups.flat();
  const entries = tensors.map(({ entry: { quantization: _, ...plain } }) => plain);
  const whole = tensors.reduce((sum, tensor) => sum + (tensor.bytes?.length ?? 0), 0);
  const bytes = JSON.stringify([graph.json, entries]).length + whole;
  graphs.set(graph, bytes);
  return bytes;
}

/**
 * What a file holds besides the stored tensors: JSON (about 190 bytes a layer, 65 a tensor, 52 a grid; gzip leaves 15, 7 and 33), and
 * for channel scales a vector of their own and a normalization, where none follows that can take them.
 */
function surroundings(model: Model, sketches: readonly WeightSketch[]): Topology {
  const consumers = consumersOf(model);
  const nodes = new Map(model.nodes.map((node) => [node.name, node]));
  let [layers, tensors, grids, vectors] = [model.nodes.length + 1, model.weights.size, 0, 0];
  let zeros = 0;
  for (const sketch of sketches) {
    if (sketch.stored.kind === 'float32') continue;
    grids++;
    const node = nodes.get(sketch.layer);
    if (node === undefined || !movesScales(sketch)) continue;
    grids--;
    const [reader] = consumers.get(node.outputs[0] ?? '') ?? [];
    if (reader?.op === 'BatchNormalization') continue;
    layers += node.attrs.activation === 'linear' ? 1 : 2;
    tensors += 4;
    vectors += sketch.stored.overheadBits / 8;
    zeros += sketch.stored.overheadBits / 16;
  }
  if (model.graph !== undefined) {
    const json = graphBytes(model.graph);
    return { file: json + 105 * grids, gzip: 500 + 0.045 * json + 7 * tensors + 33 * grids };
  }
  return {
    file: 150 + 190 * layers + 65 * tensors + 52 * grids + vectors + zeros,
    gzip: 330 + 15 * layers + 7 * tensors + 33 * grids + vectors,
  };
}
