/**
 * Which techniques can do nothing with a graph that runs as a whole: those that train, measure what flows between layers, or take parts of
 * layers away. Folding is not among them: it finds nothing to fold, because converters have done it.
 */
import type { Technique } from '../technique.ts';

type Traits = Pick<Technique, 'trains' | 'studies' | 'forgets' | 'calibrates'> & { readonly id: string };

export function needsLayers({ id, trains, studies, forgets, calibrates }: Traits): boolean {
  return Boolean(trains || studies || forgets || calibrates) || id === 'decompose/low-rank';
}
