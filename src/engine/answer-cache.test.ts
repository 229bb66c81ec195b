import { beforeAll, expect, it } from 'vitest';
import { createAnswerCache } from './answer-cache.ts';
import { arrayDataset } from './data/array-dataset.ts';
import { createRng } from './math/rng.ts';
import { type RunJob, runRecipe } from './run.ts';
import { startBackend } from './runtime/backends.ts';
import { noise, smallModel } from './testing/small-model.ts';

const model = smallModel({ x: [4] }, [
  { name: 'hidden', op: 'Dense', config: { units: 6, activation: 'relu' } },
  { name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } },
]);
const size = 300;
const values = noise(4 * size);
const labels = Int32Array.from({ length: size }, (_, i) => i % 3);
const dataset = arrayDataset({ name: 'points', kind: 'tensors', sampleShape: [4], values, labels });
const context = () => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(1) });

const job = (bits: number): RunJob => ({
  model,
  recipe: { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine', bits }], measure: ['accuracy', 'agreement'] },
  dataset,
  preprocessing: 'raw',
  environment: { engine: '', backend: 'cpu', agent: '', isolated: false },
  context: context(),
});

beforeAll(() => startBackend('simd'));

it('gives the same figures as asking the original again, sample by sample', async () => {
  const answers = createAnswerCache();
  await runRecipe({ ...job(8), answers });
  for (const bits of [8, 2]) {
    const [warm, cold] = [await runRecipe({ ...job(bits), answers }), await runRecipe(job(bits))];
    const told = ({ report }: typeof warm) => ({ ...report, timings: {} });
    expect(told(warm)).toEqual(told(cold));
    expect(warm.report.outcomes?.right).toHaveLength(size / 4);
  }
});

it('knows what was kept of the same data, scaling and backend, and nothing else', () => {
  const answers = createAnswerCache();
  const outputs = [Float32Array.of(1, 2)];
  const keep = () => answers.of(dataset, 'raw', 'wasm').keep(0, 2, outputs);
  keep();
  expect(answers.of(dataset, 'raw', 'wasm').at(0, 2)).toBe(outputs);
  expect(answers.of(dataset, 'raw', 'wasm').at(0, 1)).toBeUndefined();
  const others: readonly Parameters<typeof answers.of>[] = [
    [{ ...dataset }, 'raw', 'wasm'],
    [dataset, 'unit', 'wasm'],
    [dataset, 'raw', 'webgl'],
  ];
  for (const other of others) {
    keep();
    expect(answers.of(...other).at(0, 2)).toBeUndefined();
  }
});

it('keeps no more than there is room for', () => {
  const known = createAnswerCache(20).of(dataset, 'raw', 'wasm');
  known.keep(0, 4, [new Float32Array(4)]);
  known.keep(4, 4, [new Float32Array(4)]);
  expect(known.at(0, 4)).toBeDefined();
  expect(known.at(4, 4)).toBeUndefined();
});
