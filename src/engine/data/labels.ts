/**
 * Names of a model's outputs, from a file that lies beside the model or the data: one name a line (Teachable Machine numbers the
 * lines: `0 Class 1`), or JSON: a list, a list under `labels` (Teachable Machine's metadata.json), a map from numbers to names (to
 * [id, name] in ImageNet's class index), or from names to numbers (Keras' `class_indices`).
 */
import type { SourceFile } from '../format.ts';
import { isZip, openZipFile } from '../zip.ts';
import { dataError, reasonOf } from './data-error.ts';
import { isLabelsFile } from './labels-name.ts';
import { baseName } from './reader.ts';

export interface Labels {
  /** Where they were read from. */
  readonly file: string;
  /** The name of output 0, 1 … */
  readonly names: readonly string[];
  /** Other names of the same outputs, such as WordNet ids. */
  readonly ids?: readonly string[];
}

/**
 * The names among some files, archives looked into; null where none of them holds any. Throws LABELS_UNREADABLE or LABELS_DUPLICATE
 * naming the file.
 */
export async function findLabels(files: readonly SourceFile[], depth = 0): Promise<Labels | null> {
  for (const file of files) {
    if (isLabelsFile(file.path) && !file.path.startsWith('__MACOSX/')) {
      const labels = parseLabels(new TextDecoder().decode(await file.bytes()), baseName(file.path));
      if (labels !== null) return labels;
    } else if (depth === 0 && /\.zip$/i.test(file.path)) {
      const head = await (file.slice?.(0, 4) ?? file.bytes());
      const found = isZip(head) ? await findLabels(await openZipFile(file), 1) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

/** The names in a text; null for metadata that holds none. */
export function parseLabels(text: string, file: string): Labels | null {
  const isJson = /^\s*[[{]/.test(text);
  const labels = isJson ? fromJson(text, file) : { file, names: fromLines(text) };
  if (labels === null) return null;
  const { names } = labels;
  if (names.length === 0 || names.some((name) => name === '')) throw unreadable(file, 'It holds an empty name.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return labels;
  throw dataError(
    'LABELS_DUPLICATE',
    `"${file}" holds a name twice.`,
    `"${twice}" stands for outputs ${names.indexOf(twice)} and ${names.lastIndexOf(twice)}.`,
    'Give every output a name of its own.',
    { file, name: twice },
  );
}

function unreadable(file: string, detail: string): Error {
  return dataError(
    'LABELS_UNREADABLE',
    `"${file}" does not tell the names of the classes.`,
    detail,
    'Give one name a line, a JSON list of names, or a JSON map between numbers and names.',
    { file },
  );
}

function fromLines(text: string): string[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const numbered = lines.map((line) => /^(\d+)[\s:,]+(.+)$/.exec(line));
  const inOrder = numbered.every((match, index) => Number(match?.[1] ?? -1) === index);
  return inOrder ? numbered.map((match) => match?.[2] ?? '') : lines;
}

function fromJson(text: string, file: string): Labels | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, `It is not JSON: ${reasonOf(cause)}.`);
  }
  if (Array.isArray(json)) return { file, names: json.map(nameIn) };
  const map = Object.entries(json as Record<string, unknown>);
  const [, list] = map.find(([key, value]) => /^(labels|classes|class_names|names)$/.test(key) && Array.isArray(value)) ?? [];
  if (Array.isArray(list)) return { file, names: list.map(nameIn) };
  const ordered =
    inOrder(map.map(([key, value]) => [Number(key), value])) ?? inOrder(map.map(([key, value]) => [Number(value), key]));
  if (ordered !== null) return withIds(file, ordered);
  if (/^metadata\./i.test(file)) return null;
  throw unreadable(file, 'It is neither a list of names nor a map between names and the numbers from 0 on.');
}

const nameIn = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? `${value}` : '';

/** Values by number, where the numbers are 0, 1, 2 …; else null. */
function inOrder(pairs: readonly (readonly [number, unknown])[]): readonly unknown[] | null {
  const sorted = [...pairs].sort(([a], [b]) => a - b);
  return sorted.length > 0 && sorted.every(([number], index) => number === index) ? sorted.map(([, value]) => value) : null;
}

/** ImageNet has several classes of one name, told apart by their ids. */
function withIds(file: string, values: readonly unknown[]): Labels {
  const pairs = values.map((value) => (Array.isArray(value) ? value.map(nameIn) : [nameIn(value)]));
  const names = pairs.map((pair) => pair.at(-1) ?? '');
  if (!pairs.every((pair) => pair.length === 2)) return { file, names };
  const ids = pairs.map(([id = '']) => id);
  return {
    file,
    ids,
    names: names.map((name, at) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${ids[at]}`)),
  };
}
