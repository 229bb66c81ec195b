/** Class folders: order, splits, nesting, sizes, and what is refused by name. */

import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { createByteCache } from './byte-cache.ts';
import { openData } from './index.ts';
import { createPictureSource, openPicture } from './picture-source.ts';
import { pictureDataset } from './pictures.ts';
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

  it('holds no more decoded samples than the cap, and reads headers alone when opening', async () => {
    let [whole, ranges] = [0, 0];
    const parts = Array.from({ length: 40 }, (_, index) => {
      // Padded, as pictures with long comments are, so that its header is a small part of the file.
      const file = Uint8Array.from([...png(index, 8, 8), ...new Uint8Array(40_000)]);
      return {
        path: `${index % 2}/${index}.png`,
        size: file.length,
        kind: 'picture' as const,
        bytes: async () => {
          whole++;
          return file;
        },
        slice: async (start: number, end: number) => {
          ranges++;
          return file.slice(start, end);
        },
      };
    });
    const pictures = await Promise.all(parts.map(openPicture));
    expect([whole, ranges]).toEqual([0, 40]);
    const cap = 10 * 64;
    const cache = createByteCache<Uint8Array | Float32Array>(cap);
    const none = { labels: null, classNames: [], notes: [] };
    const data = pictureDataset('many', pictures, none, createPictureSource(pictures, cache));
    let most = 0;
    for (let start = 0; start < 40; start += 8) {
      const values = await data.batch(start, 8, [8, 8, 1]);
      expect([values[0], values[7 * 64]]).toEqual([start, start + 7]);
      most = Math.max(most, cache.bytes);
    }
    expect([most, whole]).toEqual([cap, 40]);
    await data.batch(32, 8, [8, 8, 1]);
    expect(whole).toBe(40);
    await data.batch(0, 1, [8, 8, 1]);
    expect(whole).toBe(41);
    // Resized samples are no bytes: they take four times the room.
    await data.batch(0, 8, [5, 5, 1]);
    expect(cache.bytes).toBeLessThanOrEqual(cap);
  });
});

describe('a table that lists pictures', () => {
  const table = (path: string, lines: string[]) => memoryFile(path, new TextEncoder().encode(lines.join('\n')));
  const three = [picture('d/x/a.png', 1), picture('d/x/b.png', 2), picture('d/x/c.png', 3)];

  it('gives labels, in its own order, from its own folder on', async () => {
    const index = table('d/labels.csv', ['id,file,kind', '1,x/b.png,dog', '2,x/c.png,cat', '3,x/a.png,dog']);
    const data = await openData([...three, index], {}, context);
    expect([data.classNames, [...(data.labels ?? [])], data.notes]).toEqual([['cat', 'dog'], [1, 0, 1], undefined]);
    expect([...(await data.batch(0, 3, [1, 1, 1]))]).toEqual([2, 3, 1]);
  });

  it('needs no header, finds names alone, and says what it leaves out', async () => {
    const data = await openData([...three, table('d/i.csv', ['b.png,7', 'c.png,10'])], {}, context);
    expect([data.classNames, [...(data.labels ?? [])]]).toEqual([
      ['7', '10'],
      [0, 1],
    ]);
    expect(data.notes).toEqual([expect.objectContaining({ code: 'INDEX_LEFT_OUT' })]);
  });

  it('takes the column asked for', async () => {
    const index = table('d/i.csv', ['file,label,size', 'x/a.png,u,big', 'x/b.png,v,small', 'x/c.png,w,big']);
    expect((await openData([...three, index], { labelColumn: 'size' }, context)).classNames).toEqual(['big', 'small']);
  });

  it('names a picture that is not there, an empty label and two labels', async () => {
    const opened = (...lines: string[]) => openData([...three, table('d/i.csv', ['file,label', ...lines])], {}, context);
    await expect(opened('x/a.png,cat', 'x/gone.png,dog')).rejects.toThrow(/1 of 2 are not among the files, "x\/gone.png"/);
    await expect(opened('x/a.png,')).rejects.toMatchObject({ code: 'DATA_INDEX_LABEL' });
    await expect(opened('x/a.png,cat', 'x/a.png,dog')).rejects.toThrow(/is "cat" in one line and "dog" in another/);
    await expect(opened('x/a.png,cat', 'x/gone.png,dog')).rejects.toMatchObject({ code: 'DATA_INDEX_MISSING' });
  });

  it('says of a part of its pictures what they are, numbered as in the whole', async () => {
    const lines = ['file,label', 'x/gone.png,bird', 'x/b.png,dog', 'x/a.png,cat', 'x/c.png,dog'];
    const data = await openData([...three, table('d/i.csv', lines)], {}, context);
    expect([data.classNames, [...(data.labels ?? [])]]).toEqual([
      ['bird', 'cat', 'dog'],
      [2, 1, 2],
    ]);
    expect(data.notes).toEqual([{ code: 'INDEX_PART', text: expect.stringContaining('names 4 pictures, of which 3 are here') }]);
  });

  it('gives way to class folders where it names other pictures, and not all of these', async () => {
    const files = [picture('d/t/1.png', 1), picture('d/u/2.png', 2), table('d/i.csv', ['file,label', 't/1.png,a', 'u/9.png,b'])];
    const data = await openData(files, {}, context);
    expect([data.classNames, data.notes?.map(({ code }) => code)]).toEqual([['t', 'u'], ['INDEX_INCOMPLETE']]);
  });

  it('is no index where it names none of them', async () => {
    const data = await openData([...three, table('d/i.csv', ['a,b', '1,2', '3,4'])], {}, context);
    expect([data.size, data.labels]).toEqual([3, undefined]);
  });
});
