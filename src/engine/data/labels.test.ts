/** Labels files as Teachable Machine, Keras and ImageNet write them, and what is wrong with them by name. */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { findLabels, parseLabels } from './labels.ts';
import { isLabelsFile } from './labels-name.ts';
import { memoryFile } from './reader.ts';

describe('parseLabels', () => {
  it.each<[string, string, string[]]>([
    ['lines', 'cat\ndog\n', ['cat', 'dog']],
    ['Windows lines with spaces', '\ufeffgreat cat \r\ndog\r\n\r\n', ['great cat', 'dog']],
    ['Teachable Machine’s labels.txt', '0 Class 1\n1 Class 2\n', ['Class 1', 'Class 2']],
    ['names that only look numbered', '7 up\n3 musketeers', ['7 up', '3 musketeers']],
    ['Teachable Machine’s metadata.json', '{"tmVersion":"2.3.1","labels":["Class 1","Class 2"]}', ['Class 1', 'Class 2']],
    ['a list', '["cat", "dog"]', ['cat', 'dog']],
    ['a map from numbers', '{"1":"dog","0":"cat"}', ['cat', 'dog']],
    ['Keras’ class_indices', '{"dog":1,"cat":0}', ['cat', 'dog']],
  ])('reads %s', (_, text, names) => {
    expect(parseLabels(text, text.includes('tmVersion') ? 'metadata.json' : 'labels.txt')?.names).toEqual(names);
  });

  it('tells ImageNet’s namesakes apart by their ids', () => {
    const text = '{"0":["n02012849","crane"],"1":["n03126707","crane"],"2":["n01440764","tench"]}';
    expect(parseLabels(text, 'imagenet_class_index.json')).toEqual({
      file: 'imagenet_class_index.json',
      ids: ['n02012849', 'n03126707', 'n01440764'],
      names: ['crane n02012849', 'crane n03126707', 'tench'],
    });
  });

  it('names what is wrong', () => {
    const code = (text: string) => {
      try {
        parseLabels(text, 'labels.json');
      } catch (error) {
        return (error as { code: string }).code;
      }
      return null;
    };
    expect(code('a\nb\na')).toBe('LABELS_DUPLICATE');
    for (const text of ['', 'a\n\nb', '[1, null]', '{"0":"a","2":"b"}', '{"a":']) expect(code(text)).toBe('LABELS_UNREADABLE');
    expect(parseLabels('{"keras_version":"3"}', 'metadata.json')).toBe(null);
  });
});

it('finds them beside a model and in its archive', async () => {
  const file = (path: string, text: string) => memoryFile(path, new TextEncoder().encode(text));
  const zip = memoryFile('tm.zip', Uint8Array.from(zipSync({ 'metadata.json': new TextEncoder().encode('{"labels":["a"]}') })));
  expect(await findLabels([file('model.json', '{}'), zip])).toEqual({ file: 'metadata.json', names: ['a'] });
  expect(await findLabels([file('x/Labels.txt', 'a\nb')])).toMatchObject({ names: ['a', 'b'] });
  expect(await findLabels([file('readme.txt', 'a\nb'), file('metadata.json', '{"a":{}}')])).toBe(null);
  expect(['class_names.json', 'a/labels.txt', 'data.csv', 'model.json', 'labels.csv'].map(isLabelsFile)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
