/**
 * What a file that can't be opened is: other frameworks' models, error pages and pointers that were saved under a model's
 * name. Each is recognised by its content and answered with what it is and what to do; nothing of it is interpreted.
 */

import type { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { isZip } from '../zip.ts';
import { archiveEntries, baseName } from './files.ts';
import { findModelJson } from './model-json.ts';
import { problems } from './problems.ts';

interface Recognised {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly hint: string;
  readonly matches: (bytes: Uint8Array<ArrayBuffer>, path: string) => boolean;
}

const text = (bytes: Uint8Array<ArrayBuffer>, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));
const ends = (path: string, ...endings: string[]): boolean => endings.some((ending) => path.toLowerCase().endsWith(ending));
const exportKeras =
  'Open the Keras model it was made from (.keras or .h5), or build the net in Keras, copy the weights over and save that.';
const pickle = {
  code: 'FORMAT_PYTORCH',
  what: 'a PyTorch or Python pickle file',
  why: 'a pickle can run any program when it is opened, so it is not opened, for safety.',
  hint: 'Export the model from Python: rebuild it in Keras (for PyTorch: copy the weights over, or go through ONNX) and save it as .keras.',
};

const recognised: readonly Recognised[] = [
  {
    code: 'FORMAT_GIT_LFS',
    what: 'a Git LFS pointer, not the file itself',
    why: 'it holds only the address of the real file (git-lfs.github.com/spec).',
    hint: 'Run "git lfs pull" in the repository, or download the file with the button "Download raw file".',
    matches: (bytes) => text(bytes, 0, 40).startsWith('version https://git-lfs.github.com/spec'),
  },
  {
    code: 'FORMAT_HTML',
    what: 'a web page, not a model',
    why: 'it starts with HTML: most likely a sign-in or error page that was saved under the name of the model.',
    hint: 'Open the link in a browser, and download the file itself (on GitHub: "Download raw file").',
    matches: (bytes) => /^\s*<(!doctype|html|head|body|\?xml)/i.test(text(bytes, 0, 200).replace(/^\xef\xbb\xbf/, '')),
  },
  {
    ...pickle,
    matches: (bytes) => isZip(bytes) && holds(bytes, (name) => baseName(name) === 'data.pkl'),
  },
  {
    ...pickle,
    matches: (bytes, path) =>
      bytes[0] === 0x80 &&
      (bytes[1] as number) >= 2 &&
      (bytes[1] as number) <= 5 &&
      (bytes.at(-1) === 0x2e || ends(path, '.pt', '.pth', '.pkl', '.bin')),
  },
  {
    code: 'FORMAT_SAFETENSORS',
    what: 'a safetensors file',
    why: 'it holds weights, but not how the layers are joined.',
    hint: exportKeras,
    matches: (bytes) => bytes.length > 10 && bytes[8] === 0x7b && [4, 5, 6, 7].every((at) => bytes[at] === 0),
  },
  {
    code: 'FORMAT_SAVED_MODEL',
    what: 'a TensorFlow SavedModel or frozen graph',
    why: 'it is recognised, but a TensorFlow graph (.pb) no longer says which layers it was made of.',
    hint: 'Load it in Python and save the Keras model (tf.keras.models.load_model(folder).save("model.keras")), then open that.',
    matches: (bytes, path) =>
      ends(path, '.pb') || /variables\.(index|data-\d+-of-\d+)$/.test(path) || startsWith(bytes, [0x08, 0x01, 0x12]),
  },
  {
    code: 'FORMAT_ONNX',
    what: 'an ONNX model',
    why: 'it is recognised, but reading ONNX is not part of the studio.',
    hint: exportKeras,
    matches: (bytes, path) =>
      ends(path, '.onnx') || (bytes[0] === 0x08 && (bytes[1] as number) >= 2 && (bytes[1] as number) <= 20 && bytes[2] === 0x12),
  },
  {
    code: 'FORMAT_TFJS_WEIGHTS_ONLY',
    what: 'a weight file of a TF.js model without its model.json',
    why: 'it holds the bare numbers; what they are stands in model.json.',
    hint: 'Drop model.json together with all of its weight files, or the whole folder.',
    matches: (_, path) => /(-shard\d+of\d+(\.bin)?|weights\.bin)$/.test(path),
  },
  {
    code: 'FORMAT_GZIP',
    what: 'a gzip or tar archive',
    why: 'only .zip archives are unpacked here.',
    hint: 'Unpack it and drop the model files.',
    matches: (bytes, path) => startsWith(bytes, [0x1f, 0x8b]) || ends(path, '.tar'),
  },
];

function startsWith(bytes: Uint8Array<ArrayBuffer>, head: readonly number[]): boolean {
  return head.every((byte, at) => bytes[at] === byte);
}

function holds(bytes: Uint8Array<ArrayBuffer>, test: (name: string) => boolean): boolean {
  return archiveEntries(bytes, 'archive').some((entry) => test(entry.path));
}

/** The error that says what the files are. The first file that is recognised decides. */
export async function explain(files: readonly SourceFile[]): Promise<StudioError> {
  const [topology] = await findModelJson(files);
  if (topology !== undefined) return problems.noWeights(topology.file.path);
  for (const file of files) {
    const bytes = await file.bytes();
    const kind = recognised.find(({ matches }) => matches(bytes, file.path));
    if (kind !== undefined) return problems.notOpened(kind.code, kind.what, file.path, kind.why, kind.hint);
    if (isZip(bytes)) {
      return problems.zipNoModel(
        file.path,
        archiveEntries(bytes, file.path).map(({ path }) => path),
      );
    }
  }
  const [first] = files;
  const head = first === undefined ? [] : [...(await first.bytes()).subarray(0, 8)];
  return problems.unknown(
    files.map(({ path }) => path),
    head.map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  );
}
