import { expect, it } from 'vitest';
import { isArchive, sortFiles } from './files.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path, blob: new Blob() }));
const paths = (list: readonly { path: string }[]) => list.map((file) => file.path);

it('parts a model from data by name, and leaves the clutter of a folder out', () => {
  const { model, data } = sortFiles(
    files(
      'net/model.json',
      'net/group1-shard1of1.bin',
      'net/.DS_Store',
      '__MACOSX/a.png',
      'digits/7/1.png',
      't10k-images-idx3-ubyte.gz',
    ),
  );
  expect(paths(model)).toEqual(['net/model.json', 'net/group1-shard1of1.bin']);
  expect(paths(data)).toEqual(['digits/7/1.png', 't10k-images-idx3-ubyte.gz']);
});

it('knows an archive, and shards without an extension', () => {
  expect(isArchive(files('model.ZIP'))).toBe(true);
  expect(paths(sortFiles(files('model.json', 'weights-shard1of1', 'train-labels-idx1-ubyte')).model)).toEqual([
    'model.json',
    'weights-shard1of1',
  ]);
});

it('passes over a README beside pictures, and keeps names of outputs apart where there is no model', () => {
  const { model, data, labels } = sortFiles(files('set/README.md', 'set/a/1.png', 'set/labels.txt'));
  expect([paths(model), paths(data), paths(labels)]).toEqual([[], ['set/a/1.png', 'set/README.md'], ['set/labels.txt']]);
  const beside = sortFiles(files('model.json', 'weights.bin', 'metadata.json', 'a/1.png'));
  expect([paths(beside.model), paths(beside.data), beside.labels]).toEqual([
    ['model.json', 'weights.bin', 'metadata.json'],
    ['a/1.png'],
    [],
  ]);
  expect(paths(sortFiles(files('labels.txt')).labels)).toEqual(['labels.txt']);
});
