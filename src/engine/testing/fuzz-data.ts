/**
 * Mutants of small valid data files through `openData`: each must open, with every sample readable and finite, or be refused with a
 * StudioError. A run is a pure function of its seed, so that a failure can be had again.
 */
import { encode } from 'fast-png';
import { gzipSync, zipSync } from 'fflate';
import jpeg from 'jpeg-js';
import { openData } from '../data/index.ts';
import { memoryFile } from '../data/reader.ts';
import { createRng, type Rng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import { type FuzzResult, tally } from './fuzz.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes flipped, overwritten, cut off, doubled or removed, up to three times. */
function mutate(original: Bytes, rng: Rng): Bytes {
  let bytes = original.slice();
  for (let edit = rng.integer(3); edit >= 0; edit--) {
    const at = rng.integer(Math.max(1, bytes.length));
    const length = 1 + rng.integer(8);
    const kind = rng.integer(6);
    if (kind === 0) bytes[at] = rng.integer(256);
    if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << rng.integer(8));
    if (kind === 2) bytes.fill(rng.integer(2) * 255, at, at + length);
    if (kind === 3) bytes = bytes.slice(0, at);
    if (kind === 4)
      bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at, at + length), ...bytes.subarray(at)]);
    if (kind === 5) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
  }
  return bytes;
}

function npy(descr: string, shape: string, body: Bytes): Bytes {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0, ...Buffer.from(`${header}\n`), ...body]);
}

const rng = createRng(11);
const noise = (length: number): Bytes => Uint8Array.from({ length }, () => rng.integer(256));
const images: Bytes = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 5, ...noise(100)]);
const labels: Bytes = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 4, 3, 1, 0, 2]);
const floats = npy('<f4', '(4, 3)', new Uint8Array(Float32Array.from({ length: 12 }, () => rng.normal()).buffer));
const npz = Uint8Array.from(
  zipSync({ 'x_test.npy': floats, 'y_test.npy': npy('<i4', '(4,)', new Uint8Array(Int32Array.of(0, 1, 2, 1).buffer)) }),
);
const rows = Array.from({ length: 12 }, (_, row) =>
  [rng.normal().toFixed(3), rng.integer(9), `"class ${row % 3}"`].join(','),
).join('\n');
const csv = Uint8Array.from(new TextEncoder().encode(`width,"count",kind\n${rows}\n`));
const png = Uint8Array.from(encode({ width: 7, height: 5, channels: 3, data: noise(105) }));
const photo = Uint8Array.from(jpeg.encode({ width: 20, height: 18, data: noise(20 * 18 * 4) }, 60).data);
const pngZip = Uint8Array.from(zipSync({ 'a/1.png': png, 'b/1.png': png }, { level: 0 }));

type Files = Readonly<Record<string, Bytes>>;

const filesOf = {
  idx: (damage) => ({ 'images-idx3': damage(images), 'labels-idx1': damage(labels) }),
  'idx.gz': (damage) => ({ 'images-idx3.gz': damage(Uint8Array.from(gzipSync(images))) }),
  npy: (damage) => ({ 'x.npy': damage(floats) }),
  npz: (damage) => ({ 'data.npz': damage(npz) }),
  csv: (damage) => ({ 'table.csv': damage(csv) }),
  png: (damage) => ({ 'a/1.png': damage(png), 'b/1.png': png }),
  jpeg: (damage) => ({ 'a/1.jpg': damage(photo), 'b/1.jpg': photo }),
  'zip of pictures': (damage) => ({ 'data.zip': damage(pngZip) }),
} as const satisfies Record<string, (damage: (bytes: Bytes) => Bytes) => Files>;

export type DataFuzzTarget = keyof typeof filesOf;
export const dataFuzzTargets = Object.keys(filesOf) as DataFuzzTarget[];

async function openAndRead(files: Files): Promise<void> {
  const sources = Object.entries(files).map(([path, bytes]) => memoryFile(path, bytes));
  const data = await openData(sources, {}, context);
  const shape = data.sampleShape ?? [8, 8, 3];
  const values = await data.batch(0, data.size, shape);
  if (values.length !== data.size * elementCount(shape))
    throw new Error(`${values.length} values for ${data.size} samples of ${shape}`);
  if (!values.every(Number.isFinite)) throw new Error('A value is not finite.');
  if ((data.labels?.length ?? data.size) !== data.size) throw new Error(`${data.labels?.length} labels for ${data.size} samples`);
}

/** Opens `count` mutants of a reader's sample files, and the files themselves first. */
export async function fuzzData(target: DataFuzzTarget, count: number, seed: number): Promise<FuzzResult> {
  await openAndRead(filesOf[target]((bytes) => bytes));
  return tally(count, (mutant) => {
    const random = createRng((seed - 1) * 1_000_003 + mutant);
    const files = filesOf[target]((bytes) => mutate(bytes, random));
    return () => openAndRead(files);
  });
}
