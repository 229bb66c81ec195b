/** The readers on real data that this project did not make; skipped, and counted, where the corpus is not there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../format.ts';
import { createRng } from '../math/rng.ts';
import type { Dataset } from './dataset.ts';
import { openData } from './index.ts';

const root = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

function filesAt(path: string, name = path): SourceFile[] {
  const full = join(root, path);
  const { size } = statSync(full);
  if (!statSync(full).isDirectory()) return [{ path: name, size, bytes: async () => Uint8Array.from(readFileSync(full)) }];
  return readdirSync(full).flatMap((entry) => filesAt(join(path, entry), `${name}/${entry}`));
}

function open(path: string): Promise<Dataset> {
  return openData(filesAt(path), {}, context);
}

function classCounts({ labels, classNames }: Dataset): number[] {
  const counts = new Array<number>(Math.max(classNames?.length ?? 0, 1 + Math.max(...(labels ?? [])))).fill(0);
  for (const label of labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

const ten = (count: number): number[] => new Array<number>(10).fill(count);

describe.skipIf(!existsSync(root))('corpus', () => {
  it('CIFAR-10 as .npz', async () => {
    const data = await open('cifar10/cifar10_1000.npz');
    expect([data.kind, data.size, data.sampleShape]).toEqual(['images', 1000, [32, 32, 3]]);
    expect(classCounts(data)).toEqual([103, 89, 100, 103, 90, 86, 112, 102, 106, 109]);
    // python3: numpy.load(...)['x_test'][0, 0, :2].ravel() and x_test.mean(axis=(0, 1, 2)), x_test.std(axis=(0, 1, 2))
    expect([...(await data.batch(0, 1, [32, 32, 3]))].slice(0, 6)).toEqual([158, 112, 49, 159, 111, 47]);
    const { mean, deviation } = await data.statistics();
    for (const [channel, value] of [126.6699, 124.0994, 115.0123].entries()) expect(mean[channel]).toBeCloseTo(value, 3);
    for (const [channel, value] of [62.8784, 61.9011, 66.7408].entries()) expect(deviation[channel]).toBeCloseTo(value, 3);
  });

  it('MNIST as IDX.gz, the folder with a README and the training labels beside it', async () => {
    const data = await open('mnist-idx');
    expect([data.kind, data.size, data.sampleShape, data.labels?.[0], data.labels?.length]).toEqual([
      'images',
      10_000,
      [28, 28, 1],
      7,
      10_000,
    ]);
    // LeCun's test set: 980 zeros, 1135 ones …
    expect(classCounts(data)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  it('MNIST as PNG in class folders with a CSV index beside them', async () => {
    const data = await open('mnist-png');
    expect([data.kind, data.size, data.sampleShape, data.classNames]).toEqual(['images', 300, [28, 28, 1], [...'0123456789']]);
    expect(classCounts(data)).toEqual(ten(30));
    // In the order of the table, which lists all 10,000 class by class.
    expect([...(data.labels ?? [])]).toEqual(Array.from({ length: 300 }, (_, i) => Math.floor(i / 30)));
    expect(data.notes?.map(({ code }) => code)).toEqual(['INDEX_PART']);
    expect((await data.batch(0, 300, [28, 28, 1])).length).toBe(300 * 784);
  });

  it('the CSV index alone is refused', async () => {
    await expect(open('mnist-png/test.csv')).rejects.toThrow(/only lists picture files/);
  });

  it('sign digits as JPEG with EXIF', async () => {
    const data = await open('sign-digits');
    expect([data.size, data.sampleShape]).toEqual([200, [100, 100, 3]]);
    expect(classCounts(data)).toEqual(ten(20));
    const batch = await data.batch(0, 3, [64, 64, 3]);
    expect(batch.every((value) => value >= 0 && value <= 255)).toBe(true);
  });

  it('Teachable Machine’s data zip, with its system clutter', async () => {
    const data = await open('teachablemachine/snippets/converter/image/test/image-model-data.zip');
    expect([data.size, data.classNames, classCounts(data)]).toEqual([22, ['Class 1', 'Class 2'], [11, 11]]);
    expect((await data.batch(0, 1, [224, 224, 3])).length).toBe(224 * 224 * 3);
  });

  it.each([
    ['iris.csv', 150, 4, [50, 50, 50], ['setosa', 'versicolor', 'virginica']],
    ['wine_data.csv', 178, 13, [59, 71, 48], ['class_0', 'class_1', 'class_2']],
    ['breast_cancer.csv', 569, 30, [212, 357], ['malignant', 'benign']],
    ['digits.csv.gz', 1797, 64, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180], undefined],
  ])('scikit-learn’s %s', async (file, size, features, counts, names) => {
    const data = await open(`tabular/${file}`);
    expect([data.kind, data.size, data.sampleShape, data.classNames]).toEqual(['table', size, [features], names]);
    expect(classCounts(data)).toEqual(counts);
  });

  it('a table of dates is refused by column', async () => {
    await expect(open('keras-lstmpractice/data.csv')).rejects.toThrow(/Column "time", line 2: "Apr-24"/);
  });
});
