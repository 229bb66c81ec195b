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
  type SharedData,
  shareData,
  startBackend,
  trains,
} from '../engine/index.ts';
import { sourceFiles } from './files.ts';

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

/** The data of a command shared out between training and measuring; `paths` is data to train on alone. */
export async function sharedData(
  { dataset, preprocessing }: Subject,
  recipe: Recipe,
  paths: readonly string[],
  context: Context,
): Promise<SharedData> {
  const data = dataset === null ? null : { dataset, preprocessing, id: 'data' };
  if (paths.length === 0 || !trains(recipe)) return shareData(recipe, data, null);
  const own = await openData(await sourceFiles(paths), {}, context);
  return shareData(recipe, data, { dataset: own, preprocessing, id: paths.join() });
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
