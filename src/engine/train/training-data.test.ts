import { expect, it } from 'vitest';
import { arrayDataset } from '../data/array-dataset.ts';
import { parseRecipe } from '../recipe.ts';
import { shareData } from './training-data.ts';

const rows = (size: number) => ({
  id: `rows ${size}`,
  preprocessing: 'raw' as const,
  dataset: arrayDataset({
    name: 'rows',
    kind: 'table',
    values: Float32Array.from({ length: 2 * size }, (_, i) => i),
    sampleShape: [2],
    labels: Int32Array.from({ length: size }, (_, i) => i % 2),
  }),
});
const training = parseRecipe({ recipe: 1, steps: [{ use: 'train/fine-tune' }] });
const plain = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine' }] });

it('measures on everything where nothing is trained or training data stands beside', () => {
  const [data, own] = [rows(40), rows(10)];
  expect(shareData(plain, data, own)).toEqual({ measured: data.dataset, notes: [] });
  const pruned = parseRecipe({ recipe: 1, steps: [{ use: 'prune/channels' }] });
  expect(shareData(pruned, data, null)).toEqual({ measured: data.dataset, notes: [] });
  expect(shareData(pruned, data, own)).toMatchObject({ measured: data.dataset, training: { dataset: own.dataset } });
  const shared = shareData(training, data, own);
  expect([shared.measured, shared.training?.dataset]).toEqual([data.dataset, own.dataset]);
  expect(shareData(training, null, null)).toEqual({ measured: null, notes: [] });
});

it('never measures on what it trains on, and says how the samples were shared', async () => {
  const { training: learned, measured, notes } = shareData(training, rows(40), null);
  const firsts = async (dataset = learned?.dataset) =>
    [...((await dataset?.batch(0, dataset.size, [2])) ?? [])].filter((_, i) => i % 2 === 0);
  const [seen, unseen] = [await firsts(), await firsts(measured ?? undefined)];
  expect([seen.length, unseen.length]).toEqual([32, 8]);
  expect(new Set([...seen, ...unseen]).size).toBe(40);
  expect(notes[0]).toMatchObject({ code: 'split', text: expect.stringMatching(/^32 of the 40 samples .* other 8\.$/) });
});
