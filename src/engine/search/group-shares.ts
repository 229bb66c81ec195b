/** Shares of single groups of channels, as a step of a recipe says them; pure, so that the page edits recipes by it too. */
import type { Step } from '../recipe.ts';
import type { Allocation } from './allocate-channels.ts';

export type GroupShares = readonly (readonly [makers: readonly string[], ratio: number | undefined])[];

const apart = { of: 'channels', ranking: 'layer' } as const;
const ownKeys: ReadonlySet<string> = new Set(['ratio', ...Object.keys(apart)]);

/** A step whose groups have shares of their own, by the layers that make their channels; undefined makes a group follow the step again. */
export function withGroupShares(step: Step, shares: GroupShares): Step {
  const { layers: known = {}, ...rest } = step;
  const layers: Record<string, Record<string, unknown>> = { ...known };
  for (const [makers, ratio] of shares) {
    for (const layer of makers) {
      const others = Object.fromEntries(Object.entries(layers[layer] ?? {}).filter(([name]) => !ownKeys.has(name)));
      const next = ratio === undefined ? others : { ...others, ratio, ...apart };
      if (Object.keys(next).length > 0) layers[layer] = next;
      else delete layers[layer];
    }
  }
  return Object.keys(layers).length === 0 ? rest : { ...rest, layers };
}

/** A step with the shares of an allocation; its own ratio is what they save together, so that nothing is asked for that they do not give. */
export function withAllocation(step: Step, { shares, saved }: Allocation): Step {
  const { of: _, ...rest } = withGroupShares(
    step,
    shares.map(({ makers, share }) => [makers, share]),
  );
  return { ...rest, ratio: Math.max(0, Math.floor(100 * saved) / 100) };
}
