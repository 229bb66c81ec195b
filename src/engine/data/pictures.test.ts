/** Class folders: order, splits, nesting, sizes, and what is refused by name. */

import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { openData } from './index.ts';
import { memoryFile } from './reader.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

function png(value: number, width = 2, height = 2): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height).fill(value);
  return Uint8Array.from(encode({ width, height, channels: 1, data }));
}

const picture = (path: string, value: number, width?: number) => memoryFile(path, png(value, width));

describe('pictures', () => {
  it('orders classes by number and deals them out in turn', async () => {
    const files = [
      picture('d/10/a.png', 3),
      picture('d/2/b.png', 2),
      picture('d/2/a.png', 1),
      memoryFile('d/README.md', new TextEncoder().encode('words')),
    ];
    const data = await openData(files, {}, context);
    expect([data.name, data.classNames, [...(data.labels ?? [])]]).toEqual(['d', ['2', '10'], [0, 1, 0]]);
    expect([...(await data.batch(0, 3, [1, 1, 1]))]).toEqual([1, 3, 2]);
  });

  it('opens a zip with nested folders and takes the test split', async () => {
    const bytes = Uint8Array.from(
      zipSync({
        'set/train/cat/1.png': png(9),
        'set/test/cat/1.png': png(1),
        'set/test/dog/1.png': png(2),
        '__MACOSX/set/._1.png': png(7),
      }),
    );
    const data = await openData([memoryFile('set.zip', bytes)], {}, context);
    expect([data.name, data.size, data.classNames]).toEqual(['set', 2, ['cat', 'dog']]);
    expect([...(await data.batch(0, 2, [1, 1, 3]))]).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('resizes pictures of several sizes, and feeds equal ones to a flat input', async () => {
    const mixed = await openData([picture('a/1.png', 5, 3), picture('b/1.png', 6, 4)], {}, context);
    expect([mixed.sampleShape, [...(await mixed.batch(0, 2, [1, 2, 1]))]]).toEqual([null, [5, 5, 6, 6]]);
    const { mean, deviation } = await mixed.statistics();
    expect([mean[0]?.toFixed(4), deviation[0]?.toFixed(4)]).toEqual(['5.5714', '0.4949']);
    const alike = await openData([picture('a/1.png', 5), picture('b/1.png', 6)], {}, context);
    expect([...(await alike.batch(1, 1, [4]))]).toEqual([6, 6, 6, 6]);
    await expect(alike.batch(1, 1, [5])).rejects.toThrow(/2×2×1 \(4 values\); the model takes 5 values/);
  });

  it('has no labels where there is one folder', async () => {
    const data = await openData([picture('a/1.png', 5), picture('a/2.png', 6)], {}, context);
    expect([data.labels, data.classNames]).toEqual([undefined, undefined]);
  });

  it('leaves nothing out in silence', async () => {
    const webp = memoryFile('b/1.webp', new TextEncoder().encode('RIFF....WEBP'));
    await expect(openData([picture('a/1.png', 5), webp], {}, context)).rejects.toThrow(/"b\/1.webp" can not be read/);
    await expect(openData([picture('1.png', 5), picture('a/1.png', 5)], {}, context)).rejects.toThrow(
      /"1.png" lies beside the folders a/,
    );
  });
});
