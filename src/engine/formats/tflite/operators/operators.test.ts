/** Each operator as Google's interpreter computes it: a file of one operator, read and run, on seeded numbers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../context.ts';
import { createRng } from '../../../math/rng.ts';
import { elementCount } from '../../../model/model.ts';
import { startBackend, stopBackend } from '../../../runtime/backends.ts';
import { createPredictor } from '../../../runtime/executor.ts';
import { caseFile, tfliteCases } from '../../../testing/tflite-cases.ts';
import { type FileSketch, type OperatorSketch, type TensorSketch, tfliteBytes } from '../../../testing/tflite-files.ts';
import { openTflite } from '../../../testing/tflite-interpreter.ts';
import { sourceFile } from '../../files.ts';
import { openModel } from '../../index.ts';
import { writeTflite } from '../write/write.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const rng = createRng(5);

/** The largest difference from the interpreter on one sample, relative to the largest output, at least to 1: read, and written again. */
async function difference(sketch: FileSketch): Promise<number> {
  const bytes = tfliteBytes(sketch);
  const interpreter = await openTflite(bytes);
  const model = await openModel([sourceFile('one.tflite', bytes)], {}, context);
  const predictor = await createPredictor(model);
  const shape = sketch.tensors[sketch.inputs[0] ?? '']?.shape ?? [];
  const sample = Float32Array.from({ length: elementCount(shape) }, () => 2 * rng.normal());
  const expected = interpreter.run([sample]);
  const found = await predictor.predict([sample], 1);
  const [file] = await writeTflite(model, { precision: 'float32', tflite: { kind: 'float32' } }, context);
  const again = await openTflite(file?.bytes ?? new Uint8Array());
  const rewritten = again.run([sample]);
  for (const { dispose } of [predictor, interpreter, again]) dispose();
  const gaps = [found, rewritten].flatMap((outputs) => {
    expect(outputs.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    return expected.flatMap((values, output) => {
      const scale = Math.max(1, ...values.map(Math.abs));
      return [...values].map((value, i) => Math.abs(value - (outputs[output]?.[i] ?? Number.NaN)) / scale);
    });
  });
  return Math.max(...gaps);
}

describe('operators as the interpreter computes them', () => {
  beforeAll(() => startBackend('simd'));
  afterAll(() => stopBackend('simd'));

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

  it.each(['LOG', 'SQRT', 'RSQRT', 'POW'] as const)('%s of squares', async (kind) => {
    const c = { shape: [4], data: Float32Array.of(0.5, 2, 0, -1) };
    const inputs = kind === 'POW' ? ['square', 'c'] : ['square'];
    expect(
      await difference(
        chain([1, 4], { c }, [
          ['SQUARE', ['x'], 'square'],
          [kind, inputs, 'y'],
        ]),
      ),
    ).toBeLessThan(1e-6);
  });

  it.each(['GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL', 'EQUAL', 'NOT_EQUAL'] as const)('%s', async (kind) => {
    const c = { shape: [1], data: Float32Array.of(0) };
    const steps: Step[] = [
      ['RELU', ['x'], 'positive'],
      [kind, ['positive', 'c'], 'truth'],
      ['CAST', ['truth'], 'y'],
    ];
    expect(await difference(chain([1, 9], { c }, steps))).toBe(0);
  });

  it.each(['LOGICAL_AND', 'LOGICAL_OR', 'LOGICAL_NOT', 'SELECT', 'SELECT_V2'] as const)('%s of comparisons', async (kind) => {
    const c = { shape: [1], data: Float32Array.of(-1) };
    const chooses = kind.startsWith('SELECT');
    const steps: Step[] = [
      ['NEG', ['x'], 'negative'],
      ['GREATER', ['x', 'c'], 'above'],
      ['LESS', ['x', 'negative'], 'below'],
      [kind, chooses ? ['above', 'x', 'negative'] : kind === 'LOGICAL_NOT' ? ['below'] : ['above', 'below'], 'truth'],
      [chooses ? 'NEG' : 'CAST', ['truth'], 'y'],
    ];
    expect(await difference(chain([1, 9], { c }, steps))).toBe(0);
  });
});

type Step = readonly [kind: OperatorSketch['kind'], inputs: readonly string[], output: string];

/** Operators one after the other, all on the shape of the input. */
function chain(shape: readonly number[], constants: FileSketch['tensors'], steps: readonly Step[]): FileSketch {
  const outputs = steps.map(([kind, , name]): [string, TensorSketch] => [
    name,
    /GREATER|LESS|EQUAL|LOGICAL/.test(kind) ? { shape, type: 'BOOL' } : { shape },
  ]);
  const operators = steps.map(([kind, inputs, output]) => ({ kind, inputs, outputs: [output] }));
  return { tensors: { x: { shape }, ...constants, ...Object.fromEntries(outputs) }, operators, inputs: ['x'], outputs: ['y'] };
}
