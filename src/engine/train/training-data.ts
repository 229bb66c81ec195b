/**
 * What a recipe that trains learns from: data of its own, else a seeded part of the data that it is measured on. In that case the rest
 * is what is measured, before and after, so that no figure rests on a sample that was trained on. It is the same part for every recipe,
 * so that runs can be compared sample by sample.
 */
import type { TrainingData } from '../context.ts';
import type { Dataset, Preprocessing } from '../data/dataset.ts';
import { splitDataset } from '../data/split.ts';
import type { Recipe } from '../recipe.ts';
import type { StepNote } from '../technique.ts';
import { studies, trains } from '../techniques/trains.ts';

/** Share of the samples that is trained on, where there is no training data beside. */
const trainingShare = 0.8;

/** A dataset, how its values are scaled, and a name under which what was learned from it is kept. */
export interface Source {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly id: string;
}

export interface SharedData {
  /** Absent where the recipe trains nothing or there is nothing to learn from. */
  readonly training?: TrainingData;
  /** What is left to measure on. */
  readonly measured: Dataset | null;
  readonly notes: readonly StepNote[];
}

/** Shares data out between training and measuring; a recipe that does not train measures on all of it. */
export function shareData(recipe: Recipe, data: Source | null, own: Source | null): SharedData {
  const measured = data?.dataset ?? null;
  // Studying is not worth samples that could be measured on: it takes training data only where it stands beside.
  if (!trains(recipe)) return { measured, notes: [], ...(studies(recipe) && own !== null ? { training: named(own) } : {}) };
  if (own !== null) return { training: named(own), measured, notes: [] };
  if (data === null) return { measured, notes: [] };
  const { explore: part, test: rest } = splitDataset(data.dataset, undefined, trainingShare);
  if (rest === null) return { training: named(data), measured, notes: [] };
  const text = `${part.size} of the ${data.dataset.size} samples were trained on, since no training data was given; all figures are from the other ${rest.size}.`;
  const training = { ...named(data), dataset: part, id: `part of ${named(data).id}` };
  return { training, measured: rest, notes: [{ layer: '', code: 'split', text }] };
}

const named = ({ dataset, preprocessing, id }: Source): TrainingData => ({
  dataset,
  preprocessing,
  id: `${id} (${preprocessing})`,
});
