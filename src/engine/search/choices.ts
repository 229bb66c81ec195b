/**
 * What each layer can be made of: the settings worth trying, with the bytes that gzip would leave of the layer (estimated from its sketch) and
 * the loss that is to be expected. Pruned weights have no grid noise, so for a sparsity s and a grid g
 *
 *   loss(s, g) = loss(s) + (1 − s) · loss(g)
 *
 * loss(s) between measured sparsities is interpolated geometrically. Only settings that no other beats in both stay, and of these the
 * lower convex hull is what bits are shared out by: the reverse water-filling of rate–distortion theory (Shoham & Gersho 1988).
 * At few bits the sum is often wrong, so the settings of the hull are measured themselves until all that are left on it have been.
 */
import * as v from 'valibot';
import { fileGzipBits } from '../estimate.ts';
import type { WeightSketch } from '../technique.ts';
import { techniqueOf } from '../techniques/index.ts';
import type { LayerSensitivity, SensitivityTable } from './sensitivity.ts';
import { type Grid, keyOf, type Setting, untouched } from './settings.ts';

export interface Choice {
  readonly setting: Setting;
  /** Estimated bytes of gzip. */
  readonly bytes: number;
  /** Expected loss. */
  readonly loss: number;
}

export interface LayerChoices {
  readonly layer: string;
  /** From the most bytes and least loss to the fewest bytes and most loss; the first leaves the layer as it is. */
  readonly choices: readonly Choice[];
  /** Those of `choices` on the lower convex hull. */
  readonly hull: readonly Choice[];
}

const trySparsities = [0, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.965, 0.98];

/** Rounds of measuring what stands on a hull. */
const rounds = 4;

/** The choices of every layer of a table. `measure` gives the loss of a layer's setting as the table does. */
export async function choicesFor(
  sketches: readonly WeightSketch[],
  table: SensitivityTable,
  measure: (layer: string, setting: Setting) => Promise<number>,
): Promise<LayerChoices[]> {
  const all: LayerChoices[] = [];
  for (const sensitivity of table.layers) {
    const { layer } = sensitivity;
    const kernels = sketches.filter(({ layer: name, slot }) => name === layer && slot.kind === 'kernel');
    let expected = settingsOf(sensitivity).map(([setting, loss]) => ({ setting, loss, bytes: bytesOf(kernels, setting) }));
    const known = new Map(sensitivity.losses.map(({ setting, loss }) => [keyOf(setting), loss]));
    known.set(keyOf(untouched), 0);
    for (let round = 0; round < rounds; round++) {
      const unknown = hullOf(undominated(expected)).filter(({ setting }) => !known.has(keyOf(setting)));
      if (unknown.length === 0) break;
      for (const { setting } of unknown) known.set(keyOf(setting), await measure(layer, setting));
      expected = expected.map((choice) => ({ ...choice, loss: known.get(keyOf(choice.setting)) ?? choice.loss }));
    }
    const choices = undominated(expected);
    all.push({ layer, choices, hull: hullOf(choices) });
  }
  return all;
}

function settingsOf(layer: LayerSensitivity): (readonly [Setting, number])[] {
  const pruning = layer.losses.filter(({ setting }) => setting.grid === null);
  const grids = layer.losses.filter(({ setting }) => setting.grid !== null);
  const curve = pruning.map(({ setting, loss }) => [setting.sparsity, loss] as const);
  return [
    [untouched, 0],
    ...trySparsities.flatMap((sparsity) =>
      grids.flatMap(({ setting: { grid }, loss }) => {
        // Two values, one of them the zero of what was pruned, leave a single sign.
        if (sparsity > 0 && grid?.bits === 1) return [];
        const expected = pruningLoss(curve, sparsity) + (1 - sparsity) * loss;
        return [[{ sparsity, grid }, expected] as const];
      }),
    ),
  ];
}

/** Below the first measured sparsity the loss grows with its cube; beyond the last nothing is assumed. */
export function pruningLoss(curve: readonly (readonly [sparsity: number, loss: number])[], sparsity: number): number {
  if (sparsity === 0) return 0;
  const above = curve.findIndex(([measured]) => measured >= sparsity);
  const [to, high] = curve[above] ?? [1, Number.POSITIVE_INFINITY];
  if (above <= 0) return high * (sparsity / to) ** 3;
  const [from, low] = curve[above - 1] ?? [0, 0];
  const share = (sparsity - from) / (to - from);
  return Math.exp((1 - share) * Math.log(Math.max(low, 1e-12)) + share * Math.log(Math.max(high, 1e-12)));
}

/** A vector of scales and its entry in the manifest, where a layer's channels have their own. */
const entryBytes = 60;

function bytesOf(kernels: readonly WeightSketch[], { sparsity, grid }: Setting): number {
  let bytes = 0;
  for (const kernel of kernels) {
    const pruned = sparsity === 0 ? kernel : estimated('prune/magnitude', kernel, { sparsity, ranking: 'layer' });
    const stored = grid === null ? pruned : estimated(`quantize/${grid.use}`, pruned, paramsOf(grid));
    bytes += (fileGzipBits(stored) * stored.elements) / 8;
    const scales = grid?.use === 'affine' && stored.stored.kind === 'affine' ? stored.stored.overheadBits / 8 : 0;
    if (scales > 8) bytes += scales + entryBytes;
  }
  return bytes;
}

function estimated(use: string, sketch: WeightSketch, params: Readonly<Record<string, unknown>>): WeightSketch {
  const technique = techniqueOf(use);
  const checked = v.parse(technique.params, params) as never;
  return technique.estimate(sketch, checked, [{ sketch, params: checked }]);
}

function paramsOf(grid: Grid): Readonly<Record<string, unknown>> {
  const { use: _use, ...params } = grid;
  return params;
}

/** Those that no other beats in both bytes and loss, most bytes first. */
function undominated(choices: readonly Choice[]): Choice[] {
  const kept: Choice[] = [];
  const ordered = choices
    .filter(({ loss }) => Number.isFinite(loss))
    .toSorted((a, b) => a.bytes - b.bytes || a.loss - b.loss || keyOf(a.setting).localeCompare(keyOf(b.setting)));
  let least = Number.POSITIVE_INFINITY;
  for (const choice of ordered) {
    if (choice.loss >= least) continue;
    kept.push(choice);
    least = choice.loss;
  }
  return kept.reverse();
}

/** The lower convex hull of loss over bytes, from the most bytes to the fewest. */
export function hullOf(choices: readonly Choice[]): Choice[] {
  const hull: Choice[] = [];
  for (const choice of choices) {
    for (let last = hull.at(-1), before = hull.at(-2); last && before; last = hull.at(-1), before = hull.at(-2)) {
      if (priceOf(before, last) < priceOf(last, choice)) break;
      hull.pop();
    }
    hull.push(choice);
  }
  return hull;
}

/** Loss paid for each byte saved by going from one choice to a smaller one. */
export function priceOf(from: Choice, to: Choice): number {
  return (to.loss - from.loss) / (from.bytes - to.bytes);
}

/** A choice of each layer, in the order of the layers. */
export type Plan = readonly Choice[];

/**
 * From everything as it is to everything at its smallest, one step of one layer's hull at a time, the cheapest loss per byte first: each plan
 * on the way has the least expected loss for its bytes.
 */
export function pathOf(layers: readonly LayerChoices[]): Plan[] {
  const steps = layers.flatMap(({ hull }, layer) =>
    hull.slice(1).map((choice, index) => ({ layer, choice, price: priceOf(hull[index] as Choice, choice) })),
  );
  steps.sort((a, b) => a.price - b.price);
  let plan: Choice[] = layers.map(({ hull }) => hull[0] as Choice);
  const path: Plan[] = [plan];
  for (const { layer, choice } of steps) {
    plan = plan.with(layer, choice);
    path.push(plan);
  }
  return path;
}

/** Estimated bytes of all its layers. */
export const bytesIn = (plan: Plan): number => plan.reduce((sum, { bytes }) => sum + bytes, 0);
