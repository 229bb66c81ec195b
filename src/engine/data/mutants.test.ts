/**
 * 2,000 seeded mutants of a small valid file per reader: bytes flipped, overwritten, cut off, doubled or removed. Each must open, with every
 * sample readable and finite, or be refused by a StudioError. The seeds make a failure repeatable; MUTANTS raises their number.
 */

import { encode } from 'fast-png';
import { gzipSync, zipSync } from 'fflate';
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import { createRng, type Rng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import { openData } from './index.ts';
import { memoryFile } from './reader.ts';

const count = Number(process.env.MUTANTS ?? 2000);
const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

type Bytes = Uint8Array<ArrayBuffer>;

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

async function openAndRead(files: Readonly<Record<string, Bytes>>): Promise<void> {
  const sources = Object.entries(files).map(([path, bytes]) => memoryFile(path, bytes));
  const data = await openData(sources, {}, context);
  const shape = data.sampleShape ?? [8, 8, 3];
  const values = await data.batch(0, data.size, shape);
  expect(values.length).toBe(data.size * elementCount(shape));
  expect(values.every(Number.isFinite)).toBe(true);
  expect(data.labels?.length ?? data.size).toBe(data.size);
}

describe('mutants', () => {
  it.each<[string, (mutant: (bytes: Bytes) => Bytes) => Record<string, Bytes>]>([
    ['IDX pictures and labels', (mutant) => ({ 'images-idx3': mutant(images), 'labels-idx1': mutant(labels) })],
    ['IDX.gz', (mutant) => ({ 'images-idx3.gz': mutant(Uint8Array.from(gzipSync(images))) })],
    ['.npy', (mutant) => ({ 'x.npy': mutant(floats) })],
    ['.npz', (mutant) => ({ 'data.npz': mutant(npz) })],
    ['CSV', (mutant) => ({ 'table.csv': mutant(csv) })],
    ['PNG', (mutant) => ({ 'a/1.png': mutant(png), 'b/1.png': png })],
    ['JPEG', (mutant) => ({ 'a/1.jpg': mutant(photo), 'b/1.jpg': photo })],
    ['zip of pictures', (mutant) => ({ 'data.zip': mutant(pngZip) })],
  ])('%s', async (_, filesOf) => {
    let refused = 0;
    await openAndRead(filesOf((bytes) => bytes));
    for (let seed = 0; seed < count; seed++) {
      const random = createRng(seed);
      try {
        await openAndRead(filesOf((bytes) => mutate(bytes, random)));
      } catch (error) {
        if (!(error instanceof StudioError)) throw new Error(`mutant ${seed} escaped`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
