/**
 * What sets two recipes apart: steps that only one of them has, and parameters that differ, defaults filled in. Steps of the same
 * technique belong together in their order: the first to the first, the second to the second.
 */
import { type GenericSchema, getDefault } from 'valibot';
import type { Recipe, Step } from '../../engine/recipe.ts';
import { allTechniques } from '../../engine/techniques/index.ts';

export type RecipeDifference =
  | { readonly kind: 'only'; readonly side: 'from' | 'to'; readonly step: Step }
  | { readonly kind: 'param'; readonly step: Step; readonly name: string; readonly from: unknown; readonly to: unknown }
  | { readonly kind: 'order' }
  | { readonly kind: 'seed'; readonly from: number; readonly to: number };

/** Fields of a step that say where it applies. */
const scope = ['where', 'except', 'layers'] as const;

export function recipeDifferences(from: Recipe, to: Recipe): readonly RecipeDifference[] {
  const pairs = pairsOf(from.steps, to.steps);
  const found: RecipeDifference[] = [];
  for (const [a, b] of pairs) {
    if (a === undefined && b !== undefined) found.push({ kind: 'only', side: 'to', step: b });
    else if (b === undefined && a !== undefined) found.push({ kind: 'only', side: 'from', step: a });
    else if (a !== undefined && b !== undefined) found.push(...paramDifferences(a, b));
  }
  const common = pairs.filter(([a, b]) => a !== undefined && b !== undefined);
  const places = common.map(([, b]) => to.steps.indexOf(b as Step));
  if (places.some((place, at) => at > 0 && place < (places[at - 1] ?? 0))) found.push({ kind: 'order' });
  if (from.seed !== to.seed) found.push({ kind: 'seed', from: from.seed, to: to.seed });
  return found;
}

type Pair = readonly [from: Step | undefined, to: Step | undefined];

function pairsOf(from: readonly Step[], to: readonly Step[]): readonly Pair[] {
  const left = [...to];
  const pairs = from.map((step): Pair => {
    const at = left.findIndex((other) => other.use === step.use);
    return [step, at < 0 ? undefined : left.splice(at, 1)[0]];
  });
  return [...pairs, ...left.map((step): Pair => [undefined, step])];
}

function paramDifferences(from: Step, to: Step): readonly RecipeDifference[] {
  const entries = allTechniques.find(({ id }) => id === from.use)?.params.entries ?? {};
  const own = [...Object.keys(from), ...Object.keys(to)].filter((name) => name !== 'use');
  const names = [...new Set([...Object.keys(entries), ...own, ...scope])];
  return names.flatMap((name): readonly RecipeDifference[] => {
    const schema = entries[name as keyof typeof entries] as GenericSchema | undefined;
    const value = (step: Step) => step[name] ?? (schema && getDefault(schema as never));
    const [a, b] = [value(from), value(to)];
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ kind: 'param', step: from, name, from: a, to: b }];
  });
}
