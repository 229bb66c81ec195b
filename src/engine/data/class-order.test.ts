/** Whose output is whose class: by name, by number, by hand, by the answers. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { arrangeDataset } from './arrange.ts';
import { arrayDataset } from './array-dataset.ts';
import { type ClassOrder, matchClasses } from './class-order.ts';
import type { Dataset } from './dataset.ts';
import { guessClassOrder } from './guess-order.ts';
import { orderOf } from './setup.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const named = (...names: string[]) => ({ file: 'labels.txt', names });

/** One number per sample, which is its class. */
function dataOf(labels: readonly number[], classNames?: readonly string[]): Dataset {
  const values = Float32Array.from(labels);
  const answers = { labels: Int32Array.from(labels), ...(classNames && { classNames }) };
  return arrayDataset({ name: 'd', kind: 'table', sampleShape: [1], values, ...answers });
}

describe('matchClasses', () => {
  const by = (classes: string[], count: number, ...names: string[]): ClassOrder =>
    matchClasses(classes, { count, labels: names.length === 0 ? null : named(...names) });

  it('goes by name, however it is spelt', () => {
    expect(by(['Cat', 'big_dog'], 3, 'big dog', 'fox', 'cat')).toEqual({ outputs: [2, 0], by: 'names' });
    const ids = { file: 'f', names: ['tench', 'crane'], ids: ['n01440764', 'n02012849'] };
    expect(matchClasses(['n02012849'], { count: 2, labels: ids }).outputs).toEqual([1]);
  });

  it('goes by number where names are numbers, else keeps the order of the data', () => {
    expect(by(['3', '7'], 10)).toEqual({ outputs: [3, 7], by: 'numbers' });
    expect(by(['1', '10'], 10)).toEqual({ outputs: [0, 1], by: 'data' });
    expect(by(['cat', 'emu'], 2, 'dog', 'cat')).toEqual({ outputs: [0, 1], by: 'data' });
  });
});

describe('orderOf', () => {
  const data = dataOf([0, 1], ['cat', 'dog']);

  it('refuses given labels that do not fit, and passes over those of the model', () => {
    expect(() => orderOf(data, named('dog'), null, 2)).toThrow(/holds 1 names; the model tells 2/);
    expect(() => orderOf(data, named('dog', 'emu'), null, 2)).toThrow(/"cat": not among 2 names/);
    expect(orderOf(data, null, named('a', 'b', 'c'), 2)).toEqual({ order: { outputs: [0, 1], by: 'data' }, labels: null });
    expect(orderOf(data, null, named('dog', 'cat'), 2).order).toEqual({ outputs: [1, 0], by: 'names' });
  });

  it('takes numbered classes for the numbers of the names', () => {
    const { order, labels } = orderOf(dataOf([0, 2, 1]), named('a', 'b', 'c'), null, 3);
    expect(order).toEqual({ outputs: [0, 1, 2], by: 'numbers' });
    const fed = arrangeDataset(dataOf([0, 2, 1]), { fit: 'squash', channels: 'rgb', order, labels });
    expect([fed.classNames, fed.notes]).toEqual([['a', 'b', 'c'], undefined]);
  });

  it('has no order for values', () => {
    const values = arrayDataset({
      name: 'd',
      kind: 'table',
      sampleShape: [1],
      values: Float32Array.of(1),
      targets: Float32Array.of(0.5),
    });
    expect(orderOf(values, null, null, 1).order).toBe(null);
  });
});

it('arranging renames and renumbers classes, and says so', async () => {
  const source = dataOf([0, 1, 0], ['cat', 'dog']);
  const order: ClassOrder = { outputs: [2, 0], by: 'chosen' };
  const fed = arrangeDataset(source, { fit: 'crop', channels: 'bgr', order, labels: null });
  expect([[...(fed.labels ?? [])], fed.classNames, fed.fit, fed.channels]).toEqual([
    [2, 0, 2],
    ['dog', '1', 'cat'],
    'crop',
    'bgr',
  ]);
  expect(fed.notes?.[0]?.text).toMatch(/cat is output 2, dog is output 0/);
  expect([...(await fed.batch(0, 3, [1]))]).toEqual([0, 1, 0]);
});

describe('guessClassOrder', () => {
  /** Answers output (class + 1) mod 4, and class 0 now and then for class 2. */
  const shifted = (scale: number): Predictor => ({
    backend: 'test',
    inputShapes: [[1]],
    peakBytes: 0,
    dispose: () => {},
    async predict([input = new Float32Array(0)], count) {
      const outputs = new Float32Array(count * 4);
      for (const [row, value] of input.entries()) outputs[row * 4 + ((Math.round(value * scale) + 1) % 4)] = 1;
      return [outputs];
    },
  });

  it('finds the order with the most right answers, and the scaling it needs', async () => {
    const data = dataOf([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    const options = { preprocessings: ['raw', 'unit'] as const, count: 4, context };
    expect(await guessClassOrder(shifted(1), data, options)).toEqual({
      order: { outputs: [1, 2, 3], by: 'guessed' },
      preprocessing: 'raw',
      right: 9,
      n: 9,
    });
    expect((await guessClassOrder(shifted(256), data, options))?.preprocessing).toBe('unit');
  });

  it('keeps a class its own number where answers do not tell', async () => {
    const data = dataOf([0, 0, 0], ['a', 'b', 'c', 'd']);
    const found = await guessClassOrder(shifted(1), data, { preprocessings: ['raw'], count: 4, context });
    expect(found?.order.outputs).toEqual([1, 0, 2, 3]);
    const five = dataOf([0, 1, 2, 3, 4]);
    await expect(guessClassOrder(shifted(1), five, { preprocessings: ['raw'], count: 4, context })).rejects.toMatchObject({
      code: 'DATA_LABELS',
    });
  });
});
