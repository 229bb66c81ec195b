/**
 * Datasets from IDX files: a file of pictures (or rows) and, where it is there, the file of labels with the same name stem
 * (`t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`), else the only one of the same length. Test files come before training files.
 */
import { readAnswers } from './answers.ts';
import { arrayDataset } from './array-dataset.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { type IdxArray, readIdx } from './idx-file.ts';
import { baseName, type DataReader } from './reader.ts';

interface IdxFile extends IdxArray {
  readonly name: string;
  /** The name without what tells pictures from labels. */
  readonly stem: string;
}

export const idxReader: DataReader = {
  id: 'idx',
  title: 'IDX (MNIST)',
  extensions: ['.idx', '.idx.gz', '-ubyte', '-ubyte.gz'],
  async read(parts, { name }) {
    const files: IdxFile[] = [];
    for (const part of parts) {
      const base = baseName(part.path);
      const stem = base.toLowerCase().replace(/images?|labels?|idx\d?|ubyte|[^a-z0-9]/g, '');
      files.push({ ...readIdx(await part.bytes(), base), name: base, stem });
    }
    return idxDataset(files, name);
  },
};

function idxDataset(files: readonly IdxFile[], name: string): Dataset {
  const isTest = (file: IdxFile): boolean => /test|t10k|val/.test(file.stem);
  const sampleFiles = files.filter(({ shape }) => shape.length > 1);
  const samples = sampleFiles.find(isTest) ?? sampleFiles[0];
  if (!samples) {
    const [first] = files;
    throw dataError(
      'DATA_LABELS_ONLY',
      'These are labels without their pictures.',
      `"${first?.name}" holds ${first?.shape[0]} labels and no samples.`,
      'Drop the file of pictures (…-images-idx3-ubyte) together with it.',
      { files: files.map((file) => file.name) },
    );
  }
  const [size = 0, ...rest] = samples.shape;
  const answers = findAnswers(files, samples, size);
  const pictures = samples.values instanceof Uint8Array && rest.length > 1;
  return arrayDataset({
    name,
    kind: pictures ? 'images' : rest.length === 1 ? 'table' : 'tensors',
    sampleShape: pictures && rest.length === 2 ? [...rest, 1] : rest,
    values: samples.values,
    ...(answers ? readAnswers(answers, size, samples.name) : {}),
  });
}

function findAnswers(files: readonly IdxFile[], samples: IdxFile, size: number): IdxFile | undefined {
  const candidates = files.filter(({ shape }) => shape.length === 1);
  const sameLength = candidates.filter(({ shape }) => shape[0] === size);
  return (
    candidates.find(({ stem }) => stem === samples.stem) ??
    (sameLength.length === 1 ? sameLength[0] : undefined) ??
    (candidates.length === 1 ? candidates[0] : undefined)
  );
}
