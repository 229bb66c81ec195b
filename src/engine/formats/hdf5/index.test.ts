import type { Dataset, File, Group } from 'h5wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../errors.ts';
import { type Hdf5Layout, inHdf5, writeHdf5 } from '../../testing/model-files.ts';
import { lookup3 } from './checksum.ts';
import { type Hdf5Dataset, type Hdf5Group, openHdf5 } from './index.ts';
import { writeHdf5 as writeOwn } from './write.ts';

const values = Float64Array.from({ length: 13 * 7 * 5 }, (_, index) => ((index * 37) % 101) - 50);
const kinds = ['<d', '<f', '<b', '<h', '<i', '<I', '<H'] as const;

function fill(file: File): void {
  for (const dtype of ['<d', '<f', '<b', '<h', '<i'] as const) {
    file.create_dataset({ name: dtype, data: [...values], shape: [13, 7, 5], dtype });
  }
  for (const dtype of ['<I', '<H'] as const) {
    file.create_dataset({ name: dtype, data: [...values.map(Math.abs)], shape: [13, 7, 5], dtype });
  }
  const data = Float32Array.from(values);
  file.create_dataset({ name: 'edges', data, shape: [13, 7, 5], chunks: [4, 3, 2] });
  file.create_dataset({ name: 'gzip', data, shape: [13, 7, 5], chunks: [13, 7, 5], compression: 9 });
  const edges = { data, shape: [13, 7, 5], chunks: [4, 3, 2] };
  file.create_dataset({ name: 'packed edges', ...edges, compression: 9 });
  file.create_dataset({ name: 'growing', ...edges, maxshape: [null, 7, 5] });
  file.create_dataset({ name: 'growing, packed', ...edges, maxshape: [null, 7, 5], compression: 9 });
  file.create_dataset({ name: 'growing twice', ...edges, maxshape: [null, null, 5], compression: 9 });
  const long = { data: Float32Array.from({ length: 6000 }, (_, i) => i), shape: [6000], chunks: [2] };
  file.create_dataset({ name: 'pages', ...long });
  file.create_dataset({ name: 'packed pages', ...long, compression: 1 });
  file.create_dataset({ name: 'growing pages', ...long, maxshape: [null] });
  file.create_dataset({ name: 'empty', data: new Float32Array(0), shape: [0, 3] });
  const many = file.create_group('many');
  for (let index = 0; index < 300; index++) many.create_group(`layer_${index}`).create_attribute('name', `n${index}`);
  file.create_attribute('long', 'x'.repeat(200_000));
  file.create_attribute('fixed', ['a', 'bcd', ''], [3], 'S8');
  file.create_attribute('varied', ['αβ', 'b', ''], [3], 'S');
  for (let index = 0; index < 20; index++) file.create_attribute(`attribute_${index}`, `value ${index}`);
  file.create_attribute('number', 4);
}

describe.each<[Hdf5Layout]>([['classic'], ['newer'], ['latest']])('%s files', (layout) => {
  let root: Hdf5Group;
  const dataset = (path: string): Hdf5Dataset => root.get(path) as Hdf5Dataset;

  beforeAll(async () => {
    root = openHdf5(await writeHdf5(fill, layout), 'sample.h5');
  });

  it.each(kinds)('numbers as %s', (dtype) => {
    const expected = dtype === '<I' || dtype === '<H' ? values.map(Math.abs) : values;
    expect(dataset(dtype).shape).toEqual([13, 7, 5]);
    expect([...dataset(dtype).read()]).toEqual([...expected]);
  });

  it.each(['edges', 'gzip', 'packed edges', 'growing', 'growing, packed', 'growing twice'])('numbers in chunks: %s', (name) => {
    expect(dataset(name).read()).toEqual(Float32Array.from(values));
  });

  it.each(['pages', 'packed pages', 'growing pages'])('numbers in 3000 chunks: %s', (name) => {
    expect(dataset(name).read()).toEqual(Float32Array.from({ length: 6000 }, (_, i) => i));
  });

  it('no numbers', () => {
    expect(dataset('empty').read()).toEqual(new Float32Array(0));
  });

  it('300 groups by name', () => {
    expect((root.get('many') as Hdf5Group).names).toHaveLength(300);
    for (const name of ['layer_0', 'layer_117', 'layer_299']) {
      expect((root.get(`many/${name}`) as Hdf5Group).texts('name')).toEqual([name.replace('layer_', 'n')]);
    }
    expect(root.get('many/layer_300')).toBeUndefined();
  });

  it('texts of any storage, and none where an attribute is a number or absent', () => {
    expect(root.texts('long')?.[0]).toHaveLength(200_000);
    expect(root.texts('fixed')).toEqual(['a', 'bcd', '']);
    expect(root.texts('varied')).toEqual(['αβ', 'b', '']);
    expect(root.texts('attribute_17')).toEqual(['value 17']);
    expect(root.texts('number')).toBeUndefined();
    expect(root.texts('absent')).toBeUndefined();
  });
});

it('a damaged bit in a compressed tensor never gives wrong numbers', async () => {
  const data = Float32Array.from({ length: 400 }, (_, index) => index % 7);
  const bytes = await writeHdf5((file) => {
    file.create_dataset({ name: 'x', data, shape: [20, 20], chunks: [20, 20], compression: 6 });
  });
  // How a zlib stream of level 6 begins.
  const start = bytes.findIndex((byte, at) => byte === 0x78 && bytes[at + 1] === 0x9c);
  let refused = 0;
  for (let at = start + 2; at < start + 30; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ 4;
    try {
      expect((openHdf5(changed, 'changed.h5').get('x') as Hdf5Dataset).read()).toEqual(data);
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(20);
});

it('an index that points to itself ends in an error', async () => {
  const looped = await writeHdf5(fill);
  const view = new DataView(looped.buffer);
  for (let at = 0; at + 40 < looped.length; at += 8) {
    if (String.fromCharCode(...looped.subarray(at, at + 4)) !== 'TREE' || looped[at + 4] !== 0) continue;
    looped[at + 5] = 1;
    view.setBigUint64(at + 32, BigInt(at), true);
  }
  const walk = (): unknown => openHdf5(looped, 'looped.h5').get('many/layer_0');
  expect(walk).toThrow(StudioError);
  expect(walk).toThrow('points back to itself');
});

it('checks as lookup3 is published', () => {
  // driver5 of lookup3.c: "Four score and seven years ago" with start value 0 gives 17770551.
  expect(lookup3(new TextEncoder().encode('Four score and seven years ago')).toString(16)).toBe('17770551');
});

it('what is written here, the library and our reader find alike', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => [`layer_${i}`, { shape: [1], values: Float32Array.of(i) }] as const);
  const config = JSON.stringify({ text: 'ä'.repeat(100_000) });
  const bytes = writeOwn({
    attributes: { config, names: ['a', 'bcd', ''], none: [] },
    children: new Map([
      ['many', { children: new Map(many) }],
      ['matrix', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, -0.5) }],
      ['scalar', { shape: [], values: Float32Array.of(7) }],
      ['empty', { shape: [0, 3], values: new Float32Array(0) }],
    ] as const),
  });
  const root = openHdf5(bytes, 'own.h5');
  expect(root.texts('config')).toEqual([config]);
  expect(root.texts('names')).toEqual(['a', 'bcd', '']);
  expect((root.get('many/layer_2999') as Hdf5Dataset).read()).toEqual(Float32Array.of(2999));
  const found = await inHdf5(bytes, (file) => ({
    config: file.attrs.config?.value,
    names: file.attrs.names?.value,
    count: (file.get('many') as Group).keys().length,
    last: (file.get('many/layer_2999') as Dataset).value,
    matrix: [(file.get('matrix') as Dataset).shape, (file.get('matrix') as Dataset).value],
    scalar: (file.get('scalar') as Dataset).value,
    empty: (file.get('empty') as Dataset).shape,
  }));
  expect(found).toEqual({
    config,
    names: ['a', 'bcd', ''],
    count: 3000,
    last: Float32Array.of(2999),
    matrix: [[2, 3], Float32Array.of(1, 2, 3, 4, 5, -0.5)],
    scalar: 7,
    empty: [0, 3],
  });
});
