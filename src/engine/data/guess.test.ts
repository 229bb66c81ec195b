/** Guessing, scaling, synthetic inputs and thumbnails on a net small enough to be done by hand. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { arrayDataset } from './array-dataset.ts';
import type { Preprocessing } from './dataset.ts';
import { guessPreprocessing, spreadIndices } from './guess.ts';
import { createPreprocess } from './preprocess.ts';
import { syntheticInputs } from './synthetic.ts';
import { thumbnails } from './thumbnails.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

/** Answers the third of [low, high) a one-pixel picture lies in, as sure as the distance to the middle of that third says. */
function thirds(low: number, high: number): Predictor {
  return {
    backend: 'test',
    inputShapes: [[1, 1, 1]],
    peakBytes: 0,
    dispose: () => {},
    async predict([input = new Float32Array(0)]) {
      const logits = [...input].flatMap((value) =>
        [1, 3, 5].map((sixth) => -20 * Math.abs((value - low) / (high - low) - sixth / 6)),
      );
      return [Float32Array.from(logits)];
    },
  };
}

const values = Float32Array.from({ length: 90 }, (_, index) => (index + 0.5) * (255 / 90));
const labels = Int32Array.from({ length: 90 }, (_, index) => Math.floor(index / 30));
const pictures = arrayDataset({ name: 'thirds', kind: 'images', sampleShape: [1, 1, 1], values, labels });

describe('guessPreprocessing', () => {
  it.each<[Preprocessing, number, number]>([
    ['unit', 0, 1],
    ['symmetric', -1, 1],
    ['raw', 0, 255],
    ['standardize', -1.732, 1.732],
  ])('finds %s', async (wanted, low, high) => {
    const guess = await guessPreprocessing(thirds(low, high), pictures, { rescales: wanted === 'raw', context });
    expect(guess.preprocessing).toBe(wanted);
    expect(guess.guessed).toBe(true);
    expect(guess.candidates.find(({ preprocessing }) => preprocessing === wanted)).toEqual({
      preprocessing: wanted,
      fit: 'squash',
      channels: 'rgb',
      score: 64,
      n: 64,
    });
  });

  it('finds raw without a Rescaling layer where nothing else comes near', async () => {
    expect((await guessPreprocessing(thirds(0, 255), pictures, { rescales: false, context })).preprocessing).toBe('raw');
  });

  it('tries nothing without labels: unit for pictures, raw for models that scale and for tables', async () => {
    const bare = arrayDataset({ name: 'bare', kind: 'images', sampleShape: [1, 1, 1], values });
    expect(await guessPreprocessing(thirds(0, 1), bare, { rescales: false, context })).toEqual({
      preprocessing: 'unit',
      fit: 'squash',
      channels: 'rgb',
      guessed: false,
      candidates: [],
    });
    expect((await guessPreprocessing(thirds(0, 1), bare, { rescales: true, context })).preprocessing).toBe('raw');
    const table = arrayDataset({ name: 'table', kind: 'table', sampleShape: [1], values });
    expect((await guessPreprocessing(thirds(0, 1), table, { rescales: false, context })).preprocessing).toBe('raw');
  });

  it('tries blue first and a crop, and takes them where they are better beyond noise', async () => {
    // 1 × 3 pictures whose class is in the blue of the middle; its red is mostly like it, the rest is noise.
    const rng = createRng(5);
    const colours = Uint8Array.from({ length: 90 * 9 }, () => rng.integer(256));
    for (const [index, value] of values.entries()) {
      colours[index * 9 + 5] = value;
      if (index % 5 < 3) colours[index * 9 + 3] = value;
    }
    const wide = arrayDataset({ name: 'wide', kind: 'images', sampleShape: [1, 3, 3], values: colours, labels });
    const blueFirst: Predictor = {
      ...thirds(0, 1),
      inputShapes: [[1, 1, 3]],
      predict: ([input = new Float32Array(0)], count) => thirds(0, 1).predict([input.filter((_, at) => at % 3 === 0)], count),
    };
    const vary = { fit: true, channels: true };
    const guess = await guessPreprocessing(blueFirst, wide, { rescales: false, vary, context });
    expect(guess).toMatchObject({ preprocessing: 'unit', fit: 'squash', channels: 'bgr' });
    expect(guess.candidates).toHaveLength(8);
    const fixed = await guessPreprocessing(blueFirst, wide, { rescales: false, context });
    expect([fixed.channels, fixed.candidates.length]).toEqual(['rgb', 6]);
  });

  it('refuses labels that the model can not give', async () => {
    const five = arrayDataset({
      name: 'five',
      kind: 'images',
      sampleShape: [1, 1, 1],
      values,
      labels: labels.map((label) => label * 2),
    });
    await expect(guessPreprocessing(thirds(0, 1), five, { rescales: false, context })).rejects.toThrow(
      /5 classes\); the model has 3 outputs/,
    );
  });

  it('spreads its samples', () => {
    expect(spreadIndices(10, 4)).toEqual([0, 2, 5, 7]);
    expect(spreadIndices(2, 4)).toEqual([0, 1]);
  });
});

describe('createPreprocess', () => {
  const scaled = async (kind: Preprocessing, shape: readonly number[], batch: readonly number[], data = pictures) => {
    const array = Float32Array.from(batch);
    (await createPreprocess(kind, data, shape))(array);
    return [...array];
  };

  it('is the stated formula', async () => {
    expect(await scaled('raw', [1, 1, 1], [0, 255])).toEqual([0, 255]);
    expect(await scaled('unit', [1, 1, 1], [0, 255])).toEqual([0, 1]);
    expect(await scaled('symmetric', [1, 1, 1], [0, 127.5, 255])).toEqual([-1, 0, 1]);
  });

  it('standardizes per feature by the population deviation, constants to zero', async () => {
    const table = arrayDataset({ name: 't', kind: 'table', sampleShape: [2], values: Float32Array.of(1, 7, 3, 7, 5, 7) });
    const [first = 0, second] = await scaled('standardize', [2], [5, 7], table);
    // np.std([1, 3, 5]) = 1.632993
    expect(first).toBeCloseTo(2 / 1.632993, 5);
    expect(second).toBe(0);
  });

  it('standardizes per channel, also where the model wants other channels', async () => {
    const colour = arrayDataset({
      name: 'c',
      kind: 'images',
      sampleShape: [1, 2, 3],
      values: Uint8Array.of(0, 10, 20, 2, 30, 20),
    });
    expect(await scaled('standardize', [1, 1, 3], [2, 30, 20], colour)).toEqual([1, 1, 0]);
    const grey = await scaled('standardize', [1, 2, 1], [...(await colour.batch(0, 1, [1, 2, 1]))], colour);
    expect(grey.map((value) => Math.round(value * 1e5) / 1e5)).toEqual([-1, 1]);
    expect(await scaled('standardize', [1, 1, 3], [...(await pictures.batch(0, 1, [1, 1, 3]))])).toHaveLength(3);
  });
});

describe('syntheticInputs', () => {
  it('gives a sample the same values in any batch, pictures in [0, 1)', () => {
    const [all = new Float32Array(0)] = syntheticInputs([[2, 2, 3]], 0, 8, 7);
    const [tail = new Float32Array(0)] = syntheticInputs([[2, 2, 3]], 5, 3, 7);
    expect([...tail]).toEqual([...all.subarray(60)]);
    expect(all.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(syntheticInputs([[4]], 0, 200, 7)[0]?.some((value) => value < -1)).toBe(true);
  });
});

describe('thumbnails', () => {
  it('shows what the model sees, with the label', async () => {
    const [first, second] = await thumbnails(pictures, 2, [1, 1, 3]);
    expect([[...(first?.pixels ?? [])], first?.label]).toEqual([[1, 1, 1, 255], '0']);
    expect([[...(second?.pixels ?? [])], second?.label]).toEqual([[129, 129, 129, 255], '1']);
  });

  it('stretches what is no pixel and shows nothing where the input is no picture', async () => {
    const table = arrayDataset({ name: 't', kind: 'table', sampleShape: [4], values: Float32Array.of(-1, 0, 1, 3) });
    const [only] = await thumbnails(table, 5, [2, 2, 1]);
    expect([...(only?.pixels ?? [])].filter((_, index) => index % 4 === 0)).toEqual([0, 64, 128, 255]);
    expect(await thumbnails(table, 5, [4])).toEqual([]);
  });
});
