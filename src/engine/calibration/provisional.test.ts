/** What a file weighs before it is calibrated is what it weighs afterwards. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { applyRecipe } from '../apply.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { openModel } from '../formats/index.ts';
import { tflite } from '../formats/tflite/index.ts';
import { createRng } from '../math/rng.ts';
import { withActivations } from '../model/activation-grid.ts';
import { startBackend } from '../runtime/backends.ts';
import { provisionalGrids } from './provisional.ts';

beforeAll(() => startBackend('simd'));

it.each(['lenet5', 'depthwise', 'iris'])('%s', async (name) => {
  const rng = createRng(3);
  const context = { signal: new AbortController().signal, report: () => {}, rng };
  const files = await Promise.all(
    ['model.json', 'weights.bin'].map(async (path) => {
      const bytes = new Uint8Array(await readFile(`public/models/${name}/${path}`));
      return { path, size: bytes.length, bytes: async () => bytes };
    }),
  );
  const model = await openModel(files, {}, context);
  const sampleShape = (model.inputs[0]?.shape ?? []).map(Number);
  const values = Float32Array.from({ length: 20 * sampleShape.reduce((a, b) => a * b, 1) }, () => rng.next());
  const dataset = arrayDataset({ name: 'noise', kind: 'tensors', sampleShape, values });
  const training = { dataset, preprocessing: 'raw' as const, id: 'noise' };
  const recipe = { recipe: 1 as const, seed: 7, steps: [{ use: 'quantize/static', samples: 20 }] };
  const calibrated = (await applyRecipe(model, recipe, { ...context, training })).model;
  const options = { precision: 'encoded', tflite: { kind: 'int8' } } as const;
  const bytesOf = async (one: typeof model) => (await tflite.write?.(one, options, context))?.[0]?.bytes.length;
  expect(await bytesOf(withActivations(model, provisionalGrids(model, 8)))).toBe(await bytesOf(calibrated));
});
