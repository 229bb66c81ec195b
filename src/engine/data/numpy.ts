/**
 * Datasets from NumPy arrays, loose .npy files or one .npz archive. Samples and answers are told apart by the usual names
 * (x/y, images/labels, data/target) and splits (test before validation before unnamed before train: figures belong to unseen data).
 */

import { openZip } from '../zip.ts';
import { readAnswers } from './answers.ts';
import { arrayDataset } from './array-dataset.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { type NamedArray, readNpy } from './npy.ts';
import { baseName, type DataReader } from './reader.ts';

const sampleNames = new Set(['x', 'images', 'image', 'data', 'features', 'inputs', 'input', 'samples']);
const answerNames = new Set(['y', 'labels', 'label', 'targets', 'target', 'classes', 'outputs', 'output']);
const splits = [['test', 't10k'], ['val', 'valid', 'validation', 'dev'], [], ['train', 'training']] as const;

export const numpyReader: DataReader = {
  id: 'numpy',
  title: 'NumPy arrays',
  extensions: ['.npz', '.npy'],
  async read(parts, { name }) {
    const arrays: StoredArray[] = [];
    for (const part of parts) {
      const bytes = await part.bytes();
      const files = part.kind === 'npy' ? [part] : openZip(bytes, part.path).filter(({ path }) => path.endsWith('.npy'));
      for (const file of files) {
        const array = baseName(file.path).replace(/\.npy$/i, '');
        arrays.push({ name: array, load: async () => readNpy(await file.bytes(), array) });
      }
    }
    return numpyDataset(arrays, name);
  },
};

/** An array that is unpacked only where it is needed. */
interface StoredArray {
  readonly name: string;
  load(): Promise<NamedArray>;
}

interface Role {
  readonly role: 'samples' | 'answers' | 'unknown';
  /** Index into `splits`: lower is preferred. */
  readonly split: number;
}

function roleOf(name: string): Role {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const role = words.some((word) => answerNames.has(word))
    ? 'answers'
    : words.some((word) => sampleNames.has(word))
      ? 'samples'
      : 'unknown';
  const split = splits.findIndex((names) =>
    names.some((split) => words.some((word) => word === split || word === `x${split}` || word === `y${split}`)),
  );
  return { role, split: split < 0 ? 2 : split };
}

/** The samples and answers among some arrays. Throws DATA_NPZ where none of them can be the samples. */
async function numpyDataset(arrays: readonly StoredArray[], name: string): Promise<Dataset> {
  const ranked = arrays.map((array) => ({ array, ...roleOf(array.name) })).sort((a, b) => a.split - b.split);
  const chosen = ranked.find(({ role }) => role === 'samples') ?? ranked.find(({ role }) => role === 'unknown');
  if (!chosen) {
    throw dataError(
      'DATA_NPZ',
      `No samples were found in "${name}".`,
      `It holds ${arrays.map((array) => array.name).join(', ') || 'no arrays'}.`,
      'Name the arrays x_test and y_test, or x and y.',
    );
  }
  const others = ranked.filter((other) => other !== chosen && other.split === chosen.split);
  const answers = others.find(({ role }) => role === 'answers') ?? others.find(({ role }) => role === 'unknown');
  const samples = await chosen.array.load();
  const [size = 1] = samples.shape;
  return arrayDataset({
    name,
    ...layout(samples),
    values: samples.values,
    ...(answers ? readAnswers(await answers.array.load(), size, samples.name) : {}),
  });
}

/** Pictures are bytes, or whole numbers 0–255 with a channel axis; a single axis is a table; the rest stays a tensor. */
function layout(array: NamedArray): { kind: Dataset['kind']; sampleShape: readonly number[] } {
  const shape = array.shape.length <= 1 ? [1] : array.shape.slice(1);
  if (shape.length === 1) return { kind: 'table', sampleShape: shape };
  const channels = shape.length === 3 ? shape[2] : 1;
  const pictures =
    shape.length <= 3 && (channels === 1 || channels === 3 || channels === 4) && isPixels(array, shape.length === 3);
  if (!pictures) return { kind: 'tensors', sampleShape: shape };
  return { kind: 'images', sampleShape: shape.length === 2 ? [...shape, 1] : shape };
}

function isPixels({ values, integers }: NamedArray, channelled: boolean): boolean {
  if (values instanceof Uint8Array) return true;
  if (!channelled) return false;
  let highest = 0;
  for (const value of values) {
    if (value < 0 || value > 255 || !Number.isInteger(value)) return false;
    if (value > highest) highest = value;
  }
  return integers || highest > 1;
}
