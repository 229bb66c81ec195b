/** Each operator as Google's interpreter computes it: a file of one operator, read and run, on seeded numbers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../context.ts';
import { createRng } from '../../../math/rng.ts';
import { elementCount } from '../../../model/model.ts';
import { startBackend, stopBackend } from '../../../runtime/backends.ts';
import { createPredictor } from '../../../runtime/executor.ts';
import { caseFile, tfliteCases } from '../../../testing/tflite-cases.ts';
import { type FileSketch, tfliteBytes } from '../../../testing/tflite-files.ts';
import { openTflite } from '../../../testing/tflite-interpreter.ts';
import { sourceFile } from '../../files.ts';
import { openModel } from '../../index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const rng = createRng(5);

/** The largest difference of both on one sample, relative to the largest output, at least to 1. */
async function difference(sketch: FileSketch): Promise<number> {
  const bytes = tfliteBytes(sketch);
  const interpreter = await openTflite(bytes);
  const predictor = await createPredictor(await openModel([sourceFile('one.tflite', bytes)], {}, context));
  const shape = sketch.tensors[sketch.inputs[0] ?? '']?.shape ?? [];
  const sample = Float32Array.from({ length: elementCount(shape) }, () => 2 * rng.normal());
  const expected = interpreter.run([sample]);
  const found = await predictor.predict([sample], 1);
  predictor.dispose();
  interpreter.dispose();
  expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const gaps = expected.flatMap((values, output) => {
    const scale = Math.max(1, ...values.map(Math.abs));
    return [...values].map((value, i) => Math.abs(value - (found[output]?.[i] ?? Number.NaN)) / scale);
  });
  return Math.max(...gaps);
}

describe('operators as the interpreter computes them', () => {
  beforeAll(() => startBackend('wasm'));
  afterAll(() => stopBackend('wasm'));

  it.each(tfliteCases)('$kind $name', async (one) => {
    expect(await difference(caseFile(one))).toBeLessThan(1e-6);
  });

  it.each(['MAXIMUM', 'MINIMUM'] as const)('%s of two layers', async (kind) => {
    const shape = [1, 6];
    const sketch: FileSketch = {
      tensors: { x: { shape }, negative: { shape }, y: { shape } },
      operators: [
        { kind: 'NEG', inputs: ['x'], outputs: ['negative'] },
        { kind, inputs: ['x', 'negative'], outputs: ['y'] },
      ],
      inputs: ['x'],
      outputs: ['y'],
    };
    expect(await difference(sketch)).toBe(0);
  });
});
