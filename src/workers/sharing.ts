/** Open data under names, and shared out for a recipe. */
import type { Dataset, Preprocessing } from '../engine/data/dataset.ts';
import { type SharedData, shareData } from '../engine/index.ts';
import type { Recipe } from '../engine/recipe.ts';
import type { DataHandle } from './api.ts';
import { dataNamed, type Session } from './session.ts';

export interface NamedData {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  /** Changes with the way the data is fed. */
  readonly id: string;
}

export function namedData(session: Session, handle: DataHandle | null): NamedData | null {
  if (handle === null) return null;
  const { dataset, preprocessing, revision } = dataNamed(session, handle);
  return { dataset, preprocessing, id: `${handle} ${revision}` };
}

/** What a recipe learns from and what is left to measure on. Both are scaled alike: the model knows one scaling. */
export function shareNamed(recipe: Recipe, source: NamedData | null, training: NamedData | null): SharedData {
  return shareData(recipe, source, training && { ...training, ...(source && { preprocessing: source.preprocessing }) });
}
