/**
 * What may be done to one layer, and the ordinary recipe that does it to all. A layer's setting is a sparsity and a grid; the recipe has one
 * step per technique, with the commonest setting as its parameters and the others as overrides of single layers.
 */
import type { Model } from '../model/model.ts';
import type { Recipe, Step } from '../recipe.ts';
import { slotsOf } from '../slots.ts';

export type Grid =
  | { readonly use: 'affine'; readonly bits: number; readonly per: 'channel' | 'tensor'; readonly range: 'min-max' | 'mse' }
  | { readonly use: 'codebook'; readonly bits: number };

export interface Setting {
  /** Share of the weights set to zero, 0–0.99. */
  readonly sparsity: number;
  /** Null: the weights stay float32. */
  readonly grid: Grid | null;
}

/** Settings by layer name. */
export type Allocation = ReadonlyMap<string, Setting>;

export const untouched: Setting = { sparsity: 0, grid: null };

/** Layers whose kernels can still be compressed: those stored as plain floats, in order. */
export function searchableLayers(model: Model): string[] {
  return [...new Set(kernels(model).flatMap(({ node, weight }) => (weight.encoding.kind === 'float32' ? [node.name] : [])))];
}

const kernels = (model: Model) => slotsOf(model).filter(({ slot }) => slot.kind === 'kernel');

/** A setting as text, equal for equal settings. */
export function keyOf({ sparsity, grid }: Setting): string {
  const code =
    grid === null ? 'float' : grid.use === 'codebook' ? `codebook ${grid.bits}` : `${grid.bits} ${grid.per} ${grid.range}`;
  return `${sparsity} ${code}`;
}

/** The recipe of an allocation. */
export function recipeOf(model: Model, allocation: Allocation, seed: number): Recipe {
  const all = new Set(kernels(model).map(({ node }) => node.name)).size;
  const chosen = <T>(pick: (setting: Setting) => T | undefined): (readonly [string, T])[] =>
    [...allocation].flatMap(([layer, setting]) => {
      const picked = pick(setting);
      return picked === undefined ? [] : [[layer, picked] as const];
    });
  const steps = [
    stepOf(
      'prune/magnitude',
      { ranking: 'layer' },
      chosen(({ sparsity }) => (sparsity > 0 ? { sparsity } : undefined)),
      all,
    ),
    stepOf(
      'quantize/affine',
      {},
      chosen(({ grid }) => (grid?.use === 'affine' ? affineParams(grid) : undefined)),
      all,
    ),
    stepOf(
      'quantize/codebook',
      {},
      chosen(({ grid }) => (grid?.use === 'codebook' ? { bits: grid.bits } : undefined)),
      all,
    ),
  ];
  return { recipe: 1, seed, steps: steps.filter((step) => step !== null) };
}

const affineParams = ({ bits, per, range }: Extract<Grid, { use: 'affine' }>) => ({ bits, per, range });

type Params = Readonly<Record<string, string | number>>;

function stepOf(use: string, fixed: Params, layers: readonly (readonly [string, Params])[], all: number): Step | null {
  if (layers.length === 0) return null;
  const counts = new Map<string, number>();
  for (const [, params] of layers) counts.set(JSON.stringify(params), (counts.get(JSON.stringify(params)) ?? 0) + 1);
  const [[commonest = '{}'] = []] = [...counts].sort(([, a], [, b]) => b - a);
  const common = JSON.parse(commonest) as Params;
  const overrides = layers
    .map(([layer, params]) => [layer, Object.entries(params).filter(([name, value]) => common[name] !== value)] as const)
    .filter(([, changes]) => changes.length > 0)
    .map(([layer, changes]) => [layer, Object.fromEntries(changes)] as const);
  return {
    use,
    ...fixed,
    ...common,
    ...(layers.length === all ? {} : { where: layers.map(([layer]) => layer) }),
    ...(overrides.length === 0 ? {} : { layers: Object.fromEntries(overrides) }),
  };
}
