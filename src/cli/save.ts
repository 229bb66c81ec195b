/** Writing a model to a folder: what the format can't hold is told, and nothing is saved that was not opened and measured again. */
import {
  type Context,
  concreteInputs,
  createPredictor,
  type Format,
  formatById,
  formats,
  type Loss,
  requireWritable,
  StudioError,
  splitIndices,
  type TfliteOptions,
  type Verification,
  verifyFiles,
  type WriteOptions,
} from '../engine/index.ts';
import { writeFiles } from './files.ts';
import type { Subject } from './subject.ts';
import { bytes } from './text.ts';

type Writer = Format & Required<Pick<Format, 'write' | 'cannotExpress'>>;

export interface Saved {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly losses: readonly Loss[];
  /** What an independent runtime made of the files. */
  readonly verified: Pick<Verification, 'runtime' | 'text' | 'maxRelativeError' | 'test'>;
}

const canWrite = (format: Format): format is Writer => format.write !== undefined && format.cannotExpress !== undefined;

/** The format with an id that models can be written in. Throws CLI_FORMAT. */
export function writerFor(id: string): Writer {
  const format = formatById(id);
  if (format && canWrite(format)) return format;
  throw new StudioError({
    code: 'CLI_FORMAT',
    title: `Models can not be written as "${id}".`,
    detail: `Formats that can be written: ${formats.filter(canWrite).map((known) => known.id)}.`,
    hint: 'Choose one of them with --to.',
    context: { format: id },
  });
}

/** Writes, verifies, then saves the files under `folder`. `whole` is false where a part of the data was trained on, and this is the rest. */
export async function save(
  subject: Subject & { readonly whole?: boolean; readonly tflite?: TfliteOptions | undefined },
  writer: Writer,
  folder: string,
  context: Context,
): Promise<Saved> {
  const { model, dataset, preprocessing, whole = true } = subject;
  requireWritable(writer, model);
  const inputShapes = concreteInputs(model, dataset);
  const tflite = subject.tflite && { ...subject.tflite, inputShapes };
  const options: WriteOptions = { precision: 'encoded', ...(tflite && { tflite }) };
  const files = await writer.write(model, options, context);
  const parts = dataset && whole ? splitIndices(dataset) : null;
  const test = parts ? { test: parts.test } : {};
  const job = { model, files, createPredictor, inputShapes, read: writer.read, dataset, preprocessing, ...test };
  const { runtime, text, maxRelativeError, test: tested } = await verifyFiles(writer.id, { ...job, options }, context);
  return {
    files: await writeFiles(folder, files),
    losses: writer.cannotExpress(model, options),
    verified: { runtime, text, maxRelativeError, test: tested },
  };
}

/** The files with their sizes, the losses and the verification, one a line. */
export function describeSaved({ files, losses, verified }: Saved): string[] {
  return [
    ...files.map((file) => `${file.path}  ${bytes(file.bytes)}`),
    ...losses.map((loss) => `${loss.layer ? `${loss.layer}: ` : ''}${loss.text}`),
    verified.text,
    ...(verified.test ? [verified.test.text] : []),
  ];
}
