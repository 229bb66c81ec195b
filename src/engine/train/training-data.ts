/**
 * What a recipe that trains or calibrates learns from: data of its own, else a seeded part of the data that it is measured on. In that case the rest
 * is what is measured, before and after, so that no figure rests on a sample that was trained on. It is the same part for every recipe,
 * so that runs can be compared sample by sample.
 */
import type { TrainingData } from '../context.ts';
import type { Dataset, Preprocessing } from '../data/dataset.ts';
import { splitDataset } from '../data/split.ts';
import type { Recipe } from '../recipe.ts';
import type { StepNote } from '../technique.ts';
import { learns, trains } from '../techniques/trains.ts';

/** Share of the samples that is trained on, where there is no training data beside. */
const trainingShare = 0.8;

/** A dataset, how its values are scaled, and a name under which what was learned from it is kept. */
export interface Source {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly id: string;
}

export interface SharedData {
  /** Absent where the recipe learns nothing or there is nothing to learn from. */
  readonly training?: TrainingData;
  /** What is left to measure on. */
  readonly measured: Dataset | null;
  readonly notes: readonly StepNote[];
}

/** Shares data out between learning and measuring; a recipe that does not learn measures on all of it. */
export function shareData(recipe: Recipe, data: Source | null, own: Source | null): SharedData {
  const measured = data?.dataset ?? null;
  if (!learns(recipe)) return { measured, notes: [] };
  if (own !== null) return { training: named(own), measured, notes: [] };
  if (data === null) return { measured, notes: [] };
  const { explore: part, test: rest } = splitDataset(data.dataset, undefined, trainingShare);
  if (rest === null) return { training: named(data), measured, notes: [] };
  const used = trains(recipe) ? 'were trained on' : 'were for calibration';
  const text = `${part.size} of the ${data.dataset.size} samples ${used}, since no training data was given; all figures are from the other ${rest.size}.`;
  const training = { ...named(data), dataset: part, id: `part of ${named(data).id}` };
  return { training, measured: rest, notes: [{ layer: '', code: 'split', text }] };
}

const named = ({ dataset, preprocessing, id }: Source): TrainingData => ({
  dataset,
  preprocessing,
  id: `${id} (${preprocessing})`,
});
