/** The model of a command on the device, with the data it is measured on. */
import {
  arrangeDataset,
  type Context,
  classesToldApart,
  concreteInputs,
  createPredictor,
  type Dataset,
  findLabels,
  guessPreprocessing,
  isLabelsFile,
  type Labels,
  type Model,
  openData,
  openModel,
  orderOf,
  type Preprocessing,
  StudioError,
  startBackend,
} from '../engine/index.ts';
import type { FeedOptions } from './arguments.ts';
import { sourceFiles } from './files.ts';

export interface Subject {
  readonly model: Model;
  /** Null where no data was given. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
}

interface Asked extends FeedOptions {
  readonly files: readonly string[];
  readonly data: readonly string[];
}

/** Opens model and data and starts the backend; the data is fed as asked for, else as its labels speak for. */
export async function openSubject(command: Asked, context: Context): Promise<Subject> {
  const modelFiles = await sourceFiles(command.files);
  const model = await openModel(modelFiles, {}, context);
  await startBackend('wasm');
  const { preprocess, fit = 'squash', channels = 'rgb' } = command;
  if (command.data.length === 0) return { model, dataset: null, preprocessing: preprocess ?? 'raw' };
  const files = await sourceFiles(command.data);
  const source = await openData(
    files.filter(({ path }) => !isLabelsFile(path)),
    {},
    context,
  );
  const given = (await namesAsked(command)) ?? (await findLabels(files));
  const named = orderOf(source, given, await findLabels(modelFiles), classesToldApart(model));
  const dataset = arrangeDataset(source, { fit, channels, ...named });
  if (preprocess !== undefined) return { model, dataset, preprocessing: preprocess };
  const vary = { fit: command.fit === undefined, channels: command.channels === undefined };
  const found = await guess(model, dataset, vary, context);
  const { preprocessing } = found;
  return { model, dataset: arrangeDataset(source, { ...named, fit: found.fit, channels: found.channels }), preprocessing };
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
