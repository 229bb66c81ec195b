/**
 * The weights manifest of TF.js: tensors laid one behind the other over the shards of a group, as float32, float16 or as
 * uint8/uint16 codes with `value = code · scale + min`. Codes are kept, not expanded: the file's own grid is the weight's encoding.
 */
import type { SourceFile } from '../../format.ts';
import { halfValue } from '../../math/half.ts';
import { type AffineEncoding, decode, float32 } from '../../model/encoding.ts';
import { elementCount, type Json } from '../../model/model.ts';
import { baseName, folderOf } from '../files.ts';
import { arrayField, dimensions, excerpt, field, isObject, type JsonObject, textField } from '../json.ts';
import type { StoredTensor } from '../keras/bind.ts';
import { problems } from '../problems.ts';

/** A tensor that holds whole numbers, truth values or complex numbers: no layer takes it, a graph may. */
export interface OtherTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly storage: string;
  bytes(): Uint8Array<ArrayBuffer>;
}

export interface StoredWeights {
  /** Floating-point tensors of the model, in manifest order. */
  readonly tensors: readonly StoredTensor[];
  readonly others: readonly OtherTensor[];
  readonly bytes: number;
  readonly optimizerBytes: number;
}

type Storage = 'float32' | 'float16' | 'uint8' | 'uint16' | 'int32' | 'bool' | 'complex64';

const elementBytes: Readonly<Record<Storage, number>> = {
  float32: 4,
  float16: 2,
  uint8: 1,
  uint16: 2,
  int32: 4,
  bool: 1,
  complex64: 8,
};

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly storage: Storage;
  readonly scale: number;
  readonly min: number;
  readonly optimizer: boolean;
  readonly bytes: number;
}

/** Reads all groups. Throws FORMAT_TFJS_MISSING_SHARD, FORMAT_TFJS_SHARD_LENGTH, FORMAT_STRUCTURE or FORMAT_WEIGHT_DTYPE. */
export async function readManifest(
  manifest: readonly Json[],
  json: SourceFile,
  files: readonly SourceFile[],
): Promise<StoredWeights> {
  const groups = manifest.map((group) => readGroup(group));
  const shards = findShards(
    groups.flatMap((group) => group.paths),
    json,
    files,
  );
  const tensors: StoredTensor[] = [];
  const others: OtherTensor[] = [];
  let bytes = 0;
  let optimizerBytes = 0;
  for (const { paths, entries } of groups) {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (const path of paths) parts.push(await (shards.get(path) as SourceFile).bytes());
    const have = parts.reduce((sum, part) => sum + part.length, 0);
    const need = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    if (have !== need) throw problems.shardLength(paths, have, need);
    let start = 0;
    for (const entry of entries) {
      const from = start;
      start += entry.bytes;
      if (entry.optimizer) optimizerBytes += entry.bytes;
      else if (entry.dtype !== 'float32') others.push({ ...entry, bytes: () => range(parts, from, entry.bytes) });
      else tensors.push({ name: entry.name, shape: entry.shape, load: () => load(entry, parts, from) });
    }
    bytes += have;
  }
  return { tensors, others, bytes, optimizerBytes };
}

function readGroup(group: Json): { paths: string[]; entries: Entry[] } {
  if (!isObject(group)) throw problems.structure('weightsManifest', `a group should be an object and is ${excerpt(group)}`);
  const paths = arrayField(group, 'paths', 'weightsManifest').map((path) => {
    if (typeof path !== 'string') throw problems.structure('weightsManifest', `a path should be text and is ${excerpt(path)}`);
    return path;
  });
  return { paths, entries: arrayField(group, 'weights', 'weightsManifest').map(readEntry) };
}

function readEntry(json: Json): Entry {
  if (!isObject(json)) throw problems.structure('weightsManifest', `a weight should be an object and is ${excerpt(json)}`);
  const name = textField(json, 'name', 'weightsManifest');
  const where = `The weight "${name}"`;
  const dtype = textField(json, 'dtype', where);
  const shape = dimensions(field(json, 'shape'), where);
  const quantization = field(json, 'quantization');
  const grid = isObject(quantization) ? quantization : undefined;
  const storage = grid === undefined ? dtype : textField(grid, 'dtype', where);
  if (!Object.hasOwn(elementBytes, storage) || (grid === undefined && (storage === 'uint8' || storage === 'uint16'))) {
    throw problems.weightType(name, storage);
  }
  const bytes = elementCount(shape) * elementBytes[storage as Storage];
  if (!Number.isSafeInteger(bytes)) throw problems.structure(where, `its shape [${shape.join(', ')}] is absurd`);
  const codes = storage === 'uint8' || storage === 'uint16';
  const scale = codes ? gridNumber(grid, 'scale', where) : 1;
  if (!(scale > 0)) throw problems.structure(where, `its scale is ${scale}, which is not positive`);
  return {
    name,
    shape,
    dtype,
    storage: storage as Storage,
    scale,
    min: codes ? gridNumber(grid, 'min', where) : 0,
    optimizer: field(json, 'group') === 'optimizer',
    bytes,
  };
}

function gridNumber(grid: JsonObject | undefined, key: string, where: string): number {
  const value = grid === undefined ? undefined : field(grid, key);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw problems.structure(where, `its quantization has no "${key}"`);
}

/** Shards beside model.json by their path, else by their bare name wherever they are. */
function findShards(paths: readonly string[], json: SourceFile, files: readonly SourceFile[]): Map<string, SourceFile> {
  const folder = folderOf(json.path);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const byName = new Map(files.map((file) => [baseName(file.path), file]));
  const found = new Map<string, SourceFile>();
  for (const path of paths) {
    const file = byPath.get(folder + path.replace(/^(\.\/)+/, '')) ?? byName.get(baseName(path));
    if (file !== undefined && file !== json) found.set(path, file);
  }
  const missing = paths.filter((path) => !found.has(path));
  const given = files.map((file) => file.path);
  if (missing.length > 0) throw problems.missingShard(json.path, missing, given);
  return found;
}

/** A copy of a range over the shards, which may cut tensors anywhere. */
function range(parts: readonly Uint8Array<ArrayBuffer>[], start: number, length: number): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    const from = Math.max(start, at);
    const to = Math.min(start + length, at + part.length);
    if (from < to) target.set(part.subarray(from - at, to - at), from - start);
    at += part.length;
  }
  return target;
}

/** Plain floats as they lie in the file, not copied: nothing writes to a weight. Undefined where a shard's end cuts them, or odd places. */
function view(parts: readonly Uint8Array<ArrayBuffer>[], start: number, length: number): Float32Array | undefined {
  let at = 0;
  for (const part of parts) {
    const from = part.byteOffset + start - at;
    if (start >= at && start + length <= at + part.length)
      return from % 4 === 0 ? new Float32Array(part.buffer, from, length / 4) : undefined;
    at += part.length;
  }
  return undefined;
}

function load(entry: Entry, parts: readonly Uint8Array<ArrayBuffer>[], from: number): ReturnType<StoredTensor['load']> {
  const plain = entry.storage === 'float32' ? view(parts, from, entry.bytes) : undefined;
  if (plain !== undefined) return { values: plain, encoding: float32, converted: false };
  const bytes = range(parts, from, entry.bytes);
  switch (entry.storage) {
    case 'float16': {
      const values = Float32Array.from(new Uint16Array(bytes.buffer), halfValue);
      return { values, encoding: { kind: 'float16' }, converted: false };
    }
    case 'uint8':
    case 'uint16': {
      const encoding: AffineEncoding = {
        kind: 'affine',
        bits: entry.storage === 'uint8' ? 8 : 16,
        symmetric: false,
        axis: null,
        scale: Float64Array.of(entry.scale),
        min: Float64Array.of(entry.min),
        codes: entry.storage === 'uint8' ? bytes : new Uint16Array(bytes.buffer),
      };
      return { values: decode(encoding, entry.shape), encoding, converted: false };
    }
    default:
      return { values: new Float32Array(bytes.buffer), encoding: float32, converted: false };
  }
}
