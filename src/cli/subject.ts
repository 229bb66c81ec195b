/** The model of a command on the device, with the data it is measured on and the data it is trained on. */
import {
  arrangeDataset,
  type ChannelOrder,
  type Context,
  classesToldApart,
  concreteInputs,
  createPredictor,
  type Dataset,
  type Fit,
  findLabels,
  guessPreprocessing,
  isLabelsFile,
  type Labels,
  type Model,
  openData,
  openModel,
  orderOf,
  type Preprocessing,
  type Recipe,
  type SharedData,
  StudioError,
  shareData,
  startProcessor,
  withInputSize,
} from '../engine/index.ts';
import type { FeedOptions, SizeOption } from './arguments.ts';
import { sourceFiles } from './files.ts';

export interface Subject {
  readonly model: Model;
  /** Null where no data was given. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
  /** Other data, fed to the model in the same way. */
  readonly alike: (other: Dataset) => Dataset;
}

interface Asked extends FeedOptions {
  readonly files: readonly string[];
  readonly data: readonly string[];
}

/** The data of a command shared out between training and measuring; `paths` is data to train on alone. */
export async function sharedData(
  { dataset, preprocessing, alike }: Subject,
  recipe: Recipe,
  paths: readonly string[],
  context: Context,
): Promise<SharedData> {
  const data = dataset === null ? null : { dataset, preprocessing, id: 'data' };
  if (paths.length === 0) return shareData(recipe, data, null);
  const own = alike(await openData(await sourceFiles(paths), {}, context));
  return shareData(recipe, data, { dataset: own, preprocessing, id: paths.join() });
}

/** The model at the size that was asked for. Throws MODEL_INPUT_SIZE. */
export const sized = (model: Model, { inputSize }: SizeOption): Model =>
  inputSize === undefined ? model : withInputSize(model, inputSize);

/** Opens model and data and starts the backend; the data is fed as asked for, else as its labels speak for. */
export async function openSubject(command: Asked, context: Context): Promise<Subject> {
  const modelFiles = await sourceFiles(command.files);
  const model = sized(await openModel(modelFiles, {}, context), command);
  await startProcessor({ exact: true });
  const { preprocess, fit = 'squash', channels = 'rgb' } = command;
  const named = async (labels: Labels | null) => {
    const [given, own] = [(await namesAsked(command)) ?? labels, await findLabels(modelFiles)];
    return (source: Dataset) => orderOf(source, given, own, classesToldApart(model));
  };
  if (command.data.length === 0) {
    const order = await named(null);
    const alike = (other: Dataset) => arrangeDataset(other, { fit, channels, ...order(other) });
    return { model, dataset: null, preprocessing: preprocess ?? 'raw', alike };
  }
  const files = await sourceFiles(command.data);
  const source = await openData(
    files.filter(({ path }) => !isLabelsFile(path)),
    {},
    context,
  );
  const order = await named(await findLabels(files));
  const as = (way: { readonly fit: Fit; readonly channels: ChannelOrder }) => (data: Dataset) =>
    arrangeDataset(data, { ...way, ...order(data) });
  const asked = as({ fit, channels });
  if (preprocess !== undefined) return { model, dataset: asked(source), preprocessing: preprocess, alike: asked };
  const vary = { fit: command.fit === undefined, channels: command.channels === undefined };
  const found = await guess(model, asked(source), vary, context);
  const alike = as(found);
  return { model, dataset: alike(source), preprocessing: found.preprocessing, alike };
}

async function namesAsked({ labels, classOrder }: FeedOptions): Promise<Labels | null> {
  if (classOrder !== undefined) return { file: '--class-order', names: classOrder };
  if (labels === undefined) return null;
  const [file] = await sourceFiles([labels]);
  const found = file === undefined ? null : await findLabels([{ ...file, path: labelsNamed(file.path) }]);
  if (found !== null && file !== undefined) return { ...found, file: file.path };
  throw new StudioError({
    code: 'LABELS_UNREADABLE',
    title: `"${labels}" does not tell the names of the classes.`,
    detail: 'It holds no names.',
    hint: 'Give a text file with one name a line, or JSON with a list of names.',
    context: { file: labels },
  });
}

/** A file that is named on the command line is one of labels, whatever it is called. */
const labelsNamed = (path: string): string => (isLabelsFile(path) || /\.zip$/i.test(path) ? path : 'labels.txt');

async function guess(model: Model, dataset: Dataset, vary: { fit: boolean; channels: boolean }, context: Context) {
  const predictor = await createPredictor(model, { inputShapes: concreteInputs(model, dataset) });
  try {
    const rescales = model.nodes.some((node) => node.op === 'Rescaling');
    return await guessPreprocessing(predictor, dataset, { rescales, vary, context });
  } finally {
    predictor.dispose();
  }
}
