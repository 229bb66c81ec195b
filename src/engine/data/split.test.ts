import { describe, expect, it } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import type { Dataset } from './dataset.ts';
import { draw, exploreLimit, splitDataset, subset } from './split.ts';

/** Samples that hold their own position. */
function numbered(size: number, labelOf?: (index: number) => number): Dataset {
  return arrayDataset({
    name: 'numbers',
    kind: 'table',
    sampleShape: [1],
    values: Float32Array.from({ length: size }, (_, index) => index),
    ...(labelOf ? { labels: Int32Array.from({ length: size }, (_, index) => labelOf(index)) } : {}),
  });
}

async function positions(dataset: Dataset): Promise<number[]> {
  return [...(await dataset.batch(0, dataset.size, [1]))];
}

const counts = (dataset: Dataset): number[] => {
  const found: number[] = [];
  for (const label of dataset.labels ?? []) found[label] = (found[label] ?? 0) + 1;
  return found;
};

function testPart(dataset: Dataset, seed?: number): { explore: Dataset; test: Dataset } {
  const { explore, test } = splitDataset(dataset, seed);
  if (test === null) throw new Error('No test part.');
  return { explore, test };
}

describe('splitDataset', () => {
  it('puts every sample in one part, forty in a hundred of each class for exploring', async () => {
    const { explore, test } = testPart(numbered(150, (index) => (index < 100 ? 0 : 1)));
    expect(counts(explore)).toEqual([40, 20]);
    expect(counts(test)).toEqual([60, 30]);
    const all = [...(await positions(explore)), ...(await positions(test))];
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, index) => index));
  });

  it('keeps labels beside their samples', async () => {
    const { test } = testPart(numbered(60, (index) => index % 3));
    expect((await positions(test)).map((position) => position % 3)).toEqual([...(test.labels ?? [])]);
  });

  it('repeats itself for the same seed only', async () => {
    const data = numbered(50);
    const of = async (seed: number) => positions(splitDataset(data, seed).explore);
    expect(await of(3)).toEqual(await of(3));
    expect(await of(3)).not.toEqual(await of(4));
  });

  it('takes no more than the limit for exploring', () => {
    const { explore, test } = testPart(numbered(20_000, (index) => index % 10));
    expect([explore.size, test.size]).toEqual([exploreLimit, 18_000]);
    expect(new Set(counts(explore))).toEqual(new Set([200]));
  });

  it('gives small classes a sample in both parts', () => {
    const { explore, test } = testPart(numbered(6, (index) => index >> 1));
    expect([counts(explore), counts(test)]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('shares out classes of one sample among themselves', () => {
    const { explore, test } = testPart(numbered(10, (index) => index));
    expect([explore.size, test.size]).toEqual([4, 6]);
  });

  it('does not split a single sample', () => {
    const data = numbered(1);
    expect(splitDataset(data)).toEqual({ explore: data, test: null });
  });

  it('scales both parts by the statistics of the exploring one', async () => {
    const { explore, test } = testPart(numbered(40));
    const values = await positions(explore);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect((await explore.statistics()).mean[0]).toBeCloseTo(mean, 4);
    expect(await test.statistics()).toEqual(await explore.statistics());
  });
});

describe('subset', () => {
  it('gathers batches and rows of targets in the order given', async () => {
    const base = arrayDataset({
      name: 'pairs',
      kind: 'table',
      sampleShape: [2],
      values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
      targets: Float32Array.of(0, 10, 20, 30, 40, 50, 60, 70),
    });
    const view = subset(base, Uint32Array.of(3, 0, 1));
    expect([...(await view.batch(0, 3, [2]))]).toEqual([6, 7, 0, 1, 2, 3]);
    expect([...(await view.batch(1, 1, [2]))]).toEqual([0, 1]);
    expect([...(view.targets ?? [])]).toEqual([60, 70, 0, 10, 20, 30]);
  });
});

describe('draw', () => {
  it('draws a balanced few and leaves the others, or gives all where it is asked for more', async () => {
    const data = numbered(300, (index) => index % 3);
    const { drawn, rest } = draw(data, 30);
    expect(counts(drawn)).toEqual([10, 10, 10]);
    expect(rest && counts(rest)).toEqual([90, 90, 90]);
    const all = [...(await positions(drawn)), ...(rest ? await positions(rest) : [])];
    expect(new Set(all).size).toBe(300);
    expect(draw(data, 1000)).toEqual({ drawn: data, rest: null });
    expect(draw(data, 2).drawn.size).toBe(2);
  });
});
