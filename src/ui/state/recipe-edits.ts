/**
 * Edits of a recipe, all pure. Bits and sparsity are the two dials that everybody needs: "bits" is the first step that puts
 * weights on a grid, "sparsity" the first that prunes by magnitude; at their off position the step is not there at all.
 */
import type { Recipe, Step } from '../../engine/recipe.ts';
import type { Edit } from './recipe.ts';

/** The positions of the bits dial; 32 is float32, untouched. */
export const bitChoices: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 16, 32];

const isGrid = (step: Step): boolean => step.use.startsWith('quantize/');
const isMagnitude = (step: Step): boolean => step.use === 'prune/magnitude' || step.use === 'prune/gradual';

const ranks: readonly [prefix: string, rank: number][] = [
  ['fold/', 0],
  ['distill/student', 0],
  ['prune/', 1],
  ['quantize/', 2],
  ['train/', 3],
  ['distill/', 3],
];
const rank = (step: Step): number => ranks.find(([prefix]) => step.use.startsWith(prefix))?.[1] ?? 1;

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** Bits of the first grid; 32 without one. */
export function bitsOf(recipe: Recipe): number {
  const step = recipe.steps.find(isGrid);
  if (step === undefined) return 32;
  return step.use === 'quantize/float16' ? 16 : numberOf(step.bits, step.use === 'quantize/affine' ? 8 : 4);
}

/** Sparsity of the first magnitude pruning, 0–1; 0 without one. */
export const sparsityOf = (recipe: Recipe): number => {
  const step = recipe.steps.find(isMagnitude);
  return step === undefined ? 0 : numberOf(step.sparsity, step.use === 'prune/gradual' ? 0.8 : 0.5);
};

/** The parameter of a step that a dial holds, where the step is the dial's. */
export function dialOf(recipe: Recipe, index: number): 'bits' | 'sparsity' | undefined {
  const step = recipe.steps[index];
  if (step !== undefined && isGrid(step) && recipe.steps.findIndex(isGrid) === index) return 'bits';
  return step !== undefined && isMagnitude(step) && recipe.steps.findIndex(isMagnitude) === index ? 'sparsity' : undefined;
}

export const replaceAt = (steps: readonly Step[], index: number, step: Step): Step[] =>
  steps.map((old, at) => (at === index ? step : old));

/** Puts weights on a grid of so many bits; 32 takes the grid away. */
export const setBits =
  (bits: number): Edit =>
  (recipe) => {
    const index = recipe.steps.findIndex(isGrid);
    const step = recipe.steps[index];
    if (bits === 32) return { ...recipe, steps: recipe.steps.filter((_, at) => at !== index) };
    if (step === undefined) return addStep({ use: 'quantize/affine', bits })(recipe);
    const few = step.use === 'quantize/codebook' || step.use === 'quantize/aware';
    const fits = step.use === 'quantize/affine' || (few && bits <= 8);
    const next = fits ? { ...step, bits } : { ...kept(step), use: 'quantize/affine', bits };
    return { ...recipe, steps: replaceAt(recipe.steps, index, next) };
  };

/** What survives when a step becomes one of another technique. */
function kept(step: Step): Omit<Step, 'use'> {
  return { ...(step.where !== undefined && { where: step.where }), ...(step.except !== undefined && { except: step.except }) };
}

/** Prunes a share of the weights by magnitude; 0 takes the step away. */
export const setSparsity =
  (sparsity: number): Edit =>
  (recipe) => {
    const index = recipe.steps.findIndex(isMagnitude);
    const step = recipe.steps[index];
    if (sparsity <= 0) return { ...recipe, steps: recipe.steps.filter((_, at) => at !== index) };
    if (step === undefined) return addStep({ use: 'prune/magnitude', sparsity })(recipe);
    return { ...recipe, steps: replaceAt(recipe.steps, index, { ...step, sparsity }) };
  };

/** Adds a step where its kind belongs: structure, then sparsity, then grids, then training that repairs what they cost. */
export const addStep =
  (step: Step): Edit =>
  (recipe) => {
    const before = recipe.steps.filter((other) => rank(other) <= rank(step));
    return { ...recipe, steps: [...before, step, ...recipe.steps.filter((other) => rank(other) > rank(step))] };
  };

export const removeStep =
  (index: number): Edit =>
  (recipe) => ({ ...recipe, steps: recipe.steps.filter((_, at) => at !== index) });

/** Moves a step one place up (−1) or down (+1). */
export const moveStep =
  (index: number, by: -1 | 1): Edit =>
  (recipe) => {
    const step = recipe.steps[index];
    const other = recipe.steps[index + by];
    if (step === undefined || other === undefined) return recipe;
    return { ...recipe, steps: replaceAt(replaceAt(recipe.steps, index, other), index + by, step) };
  };

/** Sets a parameter of a step; undefined returns it to its default. */
export const setParam =
  (index: number, name: string, value: unknown): Edit =>
  (recipe) => {
    const step = recipe.steps[index];
    if (step === undefined) return recipe;
    const { [name]: _, ...rest } = step;
    const next = (value === undefined ? rest : { ...step, [name]: value }) as Step;
    return { ...recipe, steps: replaceAt(recipe.steps, index, next) };
  };

/** The globs of `where` or `except` as a list. */
export function globsOf(step: Step, field: 'where' | 'except'): readonly string[] {
  const globs = step[field];
  return globs === undefined ? [] : typeof globs === 'string' ? [globs] : globs;
}

export const setGlobs = (index: number, field: 'where' | 'except', globs: readonly string[]): Edit =>
  setParam(index, field, globs.length === 0 ? undefined : [...globs]);

/** Leaves one layer out of a step, or takes it in again. */
export const setExcepted =
  (index: number, layer: string, excepted: boolean): Edit =>
  (recipe) => {
    const step = recipe.steps[index];
    if (step === undefined) return recipe;
    const others = globsOf(step, 'except').filter((glob) => glob !== layer);
    return setGlobs(index, 'except', excepted ? [...others, layer] : others)(recipe);
  };

/** Leaves one layer out of every step. */
export const exceptEverywhere =
  (layer: string): Edit =>
  (recipe) =>
    recipe.steps.reduce((now, _, index) => setExcepted(index, layer, true)(now), recipe);

/** One layer's own value of a parameter; undefined where it follows the step. */
export const overrideOf = (step: Step, layer: string, name: string): unknown => step.layers?.[layer]?.[name];

/** Gives one layer its own value of a parameter; undefined makes it follow the step again. */
export const setOverride =
  (index: number, layer: string, name: string, value: unknown): Edit =>
  (recipe) => {
    const step = recipe.steps[index];
    if (step === undefined) return recipe;
    const { [layer]: own = {}, ...others } = step.layers ?? {};
    const { [name]: _, ...rest } = own;
    const next = value === undefined ? rest : { ...own, [name]: value };
    const layers = Object.keys(next).length === 0 ? others : { ...others, [layer]: next };
    return setParam(index, 'layers', Object.keys(layers).length === 0 ? undefined : layers)(recipe);
  };
