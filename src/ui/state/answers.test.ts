import { expect, it } from 'vitest';
import type { LiveAnswers } from '../../workers/api.ts';
import { changeOf, fewerSamples, kindOfAnswers, sampleCount, tallyOf, tilesOf, topScores } from './answers.ts';

const answers = (before: number[], after: number[], width: number, more: Partial<LiveAnswers> = {}): LiveAnswers => ({
  indices: Array.from({ length: before.length / width }, (_, row) => row * 7),
  width,
  before: Float32Array.from(before),
  after: Float32Array.from(after),
  ...more,
});

it('tells what a change of answer means', () => {
  expect(changeOf(7, 7, 1)).toBe('same');
  expect(changeOf(7, 1, 7)).toBe('now-wrong');
  expect(changeOf(7, 1, 1)).toBe('now-right');
  expect(changeOf(7, 1, 3)).toBe('other');
  expect(changeOf(7, 1, null)).toBe('other');
});

it('makes a tile of each sample and counts them', () => {
  const given = answers([0.9, 0.1, 0.2, 0.8, 0.6, 0.4], [0.9, 0.1, 0.7, 0.3, 0.4, 0.6], 2, { labels: Int32Array.of(0, 1, 1) });
  const tiles = tilesOf(given, kindOfAnswers(given, [], true));
  expect(tiles.map(({ index, before, after, change }) => [index, before, after, change])).toEqual([
    [0, 0, 0, 'same'],
    [7, 1, 0, 'now-wrong'],
    [14, 0, 1, 'now-right'],
  ]);
  expect(tallyOf(tiles)).toEqual({ n: 3, changed: 2, nowWrong: 1, nowRight: 1 });
});

it('reads the chance of one class as two classes, and many whole targets of one output as values', () => {
  const two = answers([0.3], [0.6], 1, { labels: Int32Array.of(1), targets: Float32Array.of(1) });
  expect(kindOfAnswers(two, [], true)).toBe('classes');
  expect(tilesOf(two, 'classes')[0]?.change).toBe('now-right');
  expect(topScores(two, 0)).toMatchObject({ chances: true, classes: [{ label: 0 }, { label: 1 }] });
  const years = answers([3.5], [4.5], 1, { labels: Int32Array.of(4), targets: Float32Array.of(4) });
  expect(kindOfAnswers(years, [], true)).toBe('value');
  expect(tilesOf(years, 'value')[0]).toMatchObject({ truth: 4, before: 3.5, after: 4.5, change: 'same' });
  expect(kindOfAnswers(answers([1, 2], [1, 2], 2), [], false)).toBe('outputs');
});

it('shows both answers among the top classes, and says whether numbers are chances', () => {
  const row = topScores(answers([0.4, 0.3, 0.25, 0.05], [0.26, 0.24, 0.23, 0.27], 4), 0);
  expect(row.chances).toBe(true);
  expect(row.classes.map(({ label }) => label)).toEqual([0, 1, 3]);
  expect(topScores(answers([4, -1, 2], [3, 0, 2], 3), 0).chances).toBe(false);
});

it('shows fewer samples of bigger nets', () => {
  expect(sampleCount({ parameters: 431_080, macs: 2_293_000 })).toBe(100);
  expect(sampleCount({ parameters: 78_666, macs: 12_500_000 })).toBe(100);
  expect(sampleCount({ parameters: 4_253_864, macs: 568_740_352 })).toBe(24);
  expect(sampleCount({ parameters: 138_000_000, macs: 15_500_000_000 })).toBe(12);
  expect([100, 48, 24, 12, 5].map(fewerSamples)).toEqual([48, 24, 12, 12, 5]);
});
