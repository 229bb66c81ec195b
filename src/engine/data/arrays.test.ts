/** IDX and NumPy datasets built by hand: pairing, naming, one-hot answers, and what is refused. */
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { checkAnswers, taskOf } from './answers.ts';
import { openData } from './index.ts';
import { memoryFile } from './reader.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

function idx(shape: readonly number[], values: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = [0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, size >> 8, size & 255])];
  return Uint8Array.from([...header, ...values]);
}

function npy(shape: readonly number[], values: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117);
  const body = new Uint8Array(Float32Array.from(values).buffer);
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0, ...Buffer.from(`${header}\n`), ...body]);
}

const npz = (arrays: Record<string, Uint8Array>) => memoryFile('data.npz', Uint8Array.from(zipSync(arrays)));

describe('IDX', () => {
  const images = memoryFile(
    't10k-images-idx3-ubyte.gz',
    Uint8Array.from(gzipSync(idx([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))),
  );
  const labels = memoryFile('t10k-labels-idx1-ubyte', idx([3], [2, 0, 1]));
  const training = memoryFile('train-labels-idx1-ubyte', idx([4], [9, 9, 9, 9]));

  it('pairs pictures and labels by name', async () => {
    const data = await openData([training, labels, images], {}, context);
    expect([data.kind, data.size, data.sampleShape, [...(data.labels ?? [])]]).toEqual(['images', 3, [2, 2, 1], [2, 0, 1]]);
    expect([...(await data.batch(1, 1, [2, 2, 1]))]).toEqual([5, 6, 7, 8]);
    expect([...(await data.batch(1, 1, [4]))]).toEqual([5, 6, 7, 8]);
    expect([...(await data.batch(0, 1, [1, 1, 3]))]).toEqual([2.5, 2.5, 2.5]);
  });

  it('names labels without pictures, labels of other pictures and a short file', async () => {
    await expect(openData([labels], {}, context)).rejects.toThrow(/labels without their pictures/);
    await expect(openData([images, training], {}, context)).rejects.toThrow(/has 3 samples.*has 4 labels/);
    await expect(openData([memoryFile('x', idx([3, 2, 2], [1, 2]))], {}, context)).rejects.toThrow(
      /3 × 2 × 2 values, 12 bytes; 2 bytes follow/,
    );
  });

  it('compares a claim of 2^32 pictures with the length before allocating', async () => {
    const claim = Uint8Array.from([0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28]);
    await expect(openData([memoryFile('claim', claim)], {}, context)).rejects.toThrow(/3367254359\d+ bytes; 0 bytes follow/);
  });
});

describe('NumPy', () => {
  it('prefers the test split and understands one-hot labels', async () => {
    const data = await openData(
      [
        npz({
          'x_train.npy': npy([1, 2], [9, 9]),
          'y_train.npy': npy([1], [0]),
          'x_test.npy': npy([2, 2], [1, 2, 3, 4.5]),
          'y_test.npy': npy([2, 3], [0, 0, 1, 1, 0, 0]),
        }),
      ],
      {},
      context,
    );
    expect([data.kind, data.sampleShape, [...(data.labels ?? [])], data.targets]).toEqual(['table', [2], [2, 0], undefined]);
    expect([...(await data.batch(0, 2, [2]))]).toEqual([1, 2, 3, 4.5]);
  });

  it('pairs loose files, and takes real numbers as values', async () => {
    const files = [memoryFile('images.npy', npy([2, 1, 1, 1], [10, 200])), memoryFile('labels.npy', npy([2], [0.5, -1]))];
    const data = await openData(files, {}, context);
    expect([data.kind, taskOf(data), [...(data.targets ?? [])]]).toEqual(['images', 'values', [0.5, -1]]);
  });

  it('keeps 0–1 floats as tensors and never transposes', async () => {
    const data = await openData(
      [
        memoryFile(
          'x.npy',
          npy(
            [1, 3, 2, 2],
            Array.from({ length: 12 }, (_, i) => i / 12),
          ),
        ),
      ],
      {},
      context,
    );
    expect(data.kind).toBe('tensors');
    await expect(data.batch(0, 1, [2, 2, 3])).rejects.toThrow(/3×2×2 \(12 values\); the model takes 2×2×3/);
  });

  it('says which sample is not finite, and which arrays it found', async () => {
    await expect(openData([memoryFile('x.npy', npy([2, 2], [1, 2, NaN, 4]))], {}, context)).rejects.toThrow(
      /Sample 1 has NaN at position 0/,
    );
    await expect(openData([npz({ 'labels.npy': npy([2], [1, 2]) })], {}, context)).rejects.toThrow(/It holds labels\./);
  });

  it('compares classes with outputs', async () => {
    const data = await openData([npz({ 'x.npy': npy([3, 1], [1, 2, 3]), 'y.npy': npy([3], [0, 3, 1]) })], {}, context);
    expect(() => checkAnswers(data, 3)).toThrow(/classes 0 to 3 \(4 classes\); the model has 3 outputs/);
    expect([taskOf(data), taskOf(data, 4), taskOf(data, 1)]).toEqual(['classes', 'classes', 'values']);
  });
});

describe('openData', () => {
  it.each(['{"a": 1}', '<!doctype html><p>Not found', '[[1, 2]]'])('does not take %j for a table', async (text) => {
    const file = memoryFile('data.csv', new TextEncoder().encode(text));
    await expect(openData([file], {}, context)).rejects.toThrow(/No data was recognised/);
  });

  it('passes over a licence beside a table, and unpacks only the arrays it needs', async () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const table = [memoryFile('t/LICENSE.txt', encode('MIT, free')), memoryFile('t/a.csv', encode('1,2,0\n3,4,1\n'))];
    expect((await openData(table, {}, context)).name).toBe('t');
    const broken = npz({ 'x_train.npy': Uint8Array.of(1, 2, 3), 'x_test.npy': npy([1, 1], [5]) });
    expect((await openData([broken], {}, context)).size).toBe(1);
  });

  it('says what it takes where it knows nothing', async () => {
    await expect(openData([memoryFile('a.bin', Uint8Array.of(9, 0, 9))], {}, context)).rejects.toThrow(/No data was recognised/);
  });
});
