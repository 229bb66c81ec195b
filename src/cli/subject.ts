/** The model of a command on the device, with the data it is measured on and the data it is trained on. */
import {
  type Context,
  concreteInputs,
  createPredictor,
  type Dataset,
  guessPreprocessing,
  type Model,
  openData,
  openModel,
  type Preprocessing,
  type Recipe,
  splitDataset,
  startBackend,
  type TrainingData,
  trains,
} from '../engine/index.ts';
import { sourceFiles } from './files.ts';

/** Share of the data that steps which train learn from, where they have no data of their own. */
const trainingShare = 0.8;

export interface Subject {
  readonly model: Model;
  /** Null where no data was given. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
}

/** Opens model and data and starts the backend; the preprocessing is the one asked for, else the one that the labels speak for. */
export async function openSubject(
  command: { readonly files: readonly string[]; readonly data: readonly string[]; readonly preprocess?: Preprocessing },
  context: Context,
): Promise<Subject> {
  const model = await openModel(await sourceFiles(command.files), {}, context);
  await startBackend('wasm');
  if (command.data.length === 0) return { model, dataset: null, preprocessing: command.preprocess ?? 'raw' };
  const dataset = await openData(await sourceFiles(command.data), {}, context);
  return { model, dataset, preprocessing: command.preprocess ?? (await guess(model, dataset, context)) };
}

/**
 * What the steps of a recipe that train learn from: data of their own, else a seeded part of the data, in which case the rest is what is
 * measured. Nothing is set apart for a recipe that does not train.
 */
export async function trainingFor(
  { dataset, preprocessing }: Subject,
  recipe: Recipe,
  paths: readonly string[],
  context: Context,
): Promise<{ readonly training?: TrainingData; readonly measured: Dataset | null; readonly note?: string }> {
  if (!trains(recipe)) return { measured: dataset };
  if (paths.length > 0) {
    const own = await openData(await sourceFiles(paths), {}, context);
    return { training: { dataset: own, preprocessing, id: paths.join() }, measured: dataset };
  }
  if (dataset === null) return { measured: null };
  const { explore, test } = splitDataset(dataset, recipe.seed, trainingShare);
  if (test === null) return { training: { dataset: explore, preprocessing, id: 'data' }, measured: dataset };
  const note = `No --train-data was given: ${explore.size} of the ${dataset.size} samples were trained on, and all figures are from the other ${test.size}.`;
  return { training: { dataset: explore, preprocessing, id: 'part of data' }, measured: test, note };
}

async function guess(model: Model, dataset: Dataset, context: Context): Promise<Preprocessing> {
  const predictor = await createPredictor(model, { inputShapes: concreteInputs(model, dataset) });
  try {
    const rescales = model.nodes.some((node) => node.op === 'Rescaling');
    return (await guessPreprocessing(predictor, dataset, { rescales, context })).preprocessing;
  } finally {
    predictor.dispose();
  }
}
