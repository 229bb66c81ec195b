/** Every .tflite of the corpus answers as Google's interpreter does, on pictures where there are pictures, else on seeded numbers. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corpusRoot, fixtures, fixturesPresent } from '../../../../scripts/fixtures.ts';
import type { Context } from '../../context.ts';
import { openData } from '../../data/index.ts';
import { createRng } from '../../math/rng.ts';
import { elementCount } from '../../model/model.ts';
import { startBackend, stopBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { openTflite } from '../../testing/tflite-interpreter.ts';
import { openModel } from '../index.ts';
import { writeTflite } from './write/write.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const images = 'mlperf-tiny/image-classification';
const words = 'mlperf-tiny/visual-wake-words';
const recurrent = 'keras-emg-pairs/output/SavedModels/RNN2';

type Inputs = 'pictures' | 'unit pictures' | 'numbers';

async function samples(kind: Inputs, shape: readonly number[], count: number): Promise<Float32Array[]> {
  const size = elementCount(shape);
  const rng = createRng(5);
  if (kind === 'numbers') return Array.from({ length: count }, () => Float32Array.from({ length: size }, () => rng.normal()));
  const data = await openData(fixtures('cifar10/cifar10_1000.npz'), {}, context);
  const pictures = await data.batch(0, count, shape);
  const scaled = kind === 'unit pictures' ? pictures.map((value) => value / 255) : pictures;
  return Array.from({ length: count }, (_, i) => scaled.slice(i * size, (i + 1) * size));
}

interface Agreement {
  readonly largest: number;
  /** Samples for which both choose the same class. */
  readonly same: number;
}

/** Both on the same inputs; where the file is fed with whole numbers they are made of the real ones. */
async function compare(path: string, kind: Inputs, count: number): Promise<Agreement> {
  const files = fixtures(path);
  const model = await openModel(files, {}, context);
  const predictor = await createPredictor(model);
  const interpreter = await openTflite((await files[0]?.bytes()) ?? new Uint8Array());
  const [scale, zeroPoint] = integerInput[path] ?? [1, 0];
  let largest = 0;
  let same = 0;
  const [input] = interpreter.inputs;
  for (const sample of await samples(kind, input?.shape.slice(1) ?? [], count)) {
    const fed = input?.type === 'int8' ? sample.map((value) => Math.min(127, Math.round(value / scale) + zeroPoint)) : sample;
    const [found = new Float32Array()] = await predictor.predict([sample], 1);
    const [answer = []] = interpreter.run([fed]);
    const expected = [...answer].map((value) => (input?.type === 'int8' ? (value + 128) / 256 : value));
    expected.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - (found[i] ?? Number.NaN)));
    });
    if (found.indexOf(Math.max(...found)) === expected.indexOf(Math.max(...expected))) same++;
  }
  predictor.dispose();
  interpreter.dispose();
  return { largest, same };
}

/** Scale and zero point of the inputs that are int8. */
const integerInput: Readonly<Record<string, readonly [number, number]>> = {
  [`${images}/pretrainedResnet_quant.tflite`]: [1, -128],
  [`${images}/pretrainedResnet_large_int8.tflite`]: [1, -128],
  [`${words}/vww_96_int8.tflite`]: [0.003921568859368563, -128],
};

const floats = [
  [`${images}/pretrainedResnet.tflite`, 'pictures'],
  [`${words}/vww_96_float.tflite`, 'unit pictures'],
  [`${recurrent}/Saved_models_120ms/model.tflite`, 'numbers'],
  [`${recurrent}/Saved_models_120ms_2state/model.tflite`, 'numbers'],
] as const;

const integers = [
  [`${images}/pretrainedResnet_quant.tflite`, 'pictures'],
  [`${images}/pretrainedResnet_large_int8.tflite`, 'pictures'],
  [`${words}/vww_96_int8.tflite`, 'unit pictures'],
] as const;

describe.skipIf(!fixturesPresent)('the corpus in the interpreter and here', () => {
  beforeAll(() => startBackend('simd'));
  afterAll(() => stopBackend('simd'));

  it('with every .tflite of the corpus among them', () => {
    const there = readdirSync(corpusRoot, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tflite'));
    expect(there.map((path) => path.replaceAll('\\', '/')).sort()).toEqual([...floats, ...integers].map(([path]) => path).sort());
  });

  it.each(floats)('%s within 1e-5', async (path, kind) => {
    const result = await compare(path, kind, 16);
    expect(result.largest).toBeLessThan(1e-5);
    expect(result.same).toBe(16);
  });

  it.each(['Saved_models_120ms', 'Saved_models_120ms_2state'])(
    'the .tflite written from %s/model.keras equals the one beside it',
    async (pair) => {
      const model = await openModel(fixtures(`${recurrent}/${pair}/model.keras`), {}, context);
      const [written] = await writeTflite(model, { precision: 'float32', tflite: { kind: 'float32' } }, context);
      const [beside] = fixtures(`${recurrent}/${pair}/model.tflite`);
      const interpreters = [
        await openTflite(written?.bytes ?? new Uint8Array()),
        await openTflite((await beside?.bytes()) ?? new Uint8Array()),
      ];
      const inputs = await samples('numbers', [12], 32);
      const [ours, theirs] = interpreters.map((interpreter) =>
        inputs.map((sample) => interpreter.run([sample])[0] as Float32Array),
      );
      expect(interpreters[0]?.inputs[0]?.shape).toEqual([1, 12]);
      for (const interpreter of interpreters) interpreter.dispose();
      const gaps = ours?.flatMap((values, i) =>
        [...values].map((value, at) => Math.abs(value - (theirs?.[i]?.[at] ?? Number.NaN))),
      );
      expect(Math.max(...(gaps ?? [Number.NaN]))).toBeLessThan(1e-6);
    },
  );

  it.each(integers)('%s answers as it does, code by code', async (path, kind) => {
    expect(await compare(path, kind, 16)).toEqual({ largest: 0, same: 16 });
  });
});
