/** Forms of weights and of numbers, names and refusals, on files made here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../context.ts';
import { createRng } from '../../math/rng.ts';
import { stepsOf } from '../../model/activation-grid.ts';
import type { Model } from '../../model/model.ts';
import { startBackend, stopBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { type FileSketch, type TensorSketch, tfliteBytes } from '../../testing/tflite-files.ts';
import { openTflite } from '../../testing/tflite-interpreter.ts';
import { tinyTflite } from '../../testing/tiny-tflite.ts';
import { sourceFile } from '../files.ts';
import { openModel } from '../index.ts';
import * as s from './schema/schema.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const open = (sketch: FileSketch): Promise<Model> => openModel([sourceFile('net.tflite', tfliteBytes(sketch))], {}, context);
const codesOf = (model: Model): readonly string[] => model.source.notes.map(({ code }) => code);

/** A dense layer of three numbers to two whose kernel, or what it is made of, is given. */
function dense(kernel: TensorSketch, dequantized = false): FileSketch {
  return {
    tensors: {
      x: { shape: [1, 3] },
      stored: kernel,
      ...(dequantized ? { kernel: { shape: [2, 3] } } : {}),
      y: { shape: [1, 2] },
    },
    operators: [
      ...(dequantized ? [{ kind: 'DEQUANTIZE' as const, inputs: ['stored'], outputs: ['kernel'] }] : []),
      {
        kind: 'FULLY_CONNECTED',
        inputs: ['x', dequantized ? 'kernel' : 'stored', ''],
        outputs: ['y'],
        options: (b) => [
          s.BuiltinOptions.FullyConnectedOptions,
          s.FullyConnectedOptions.createFullyConnectedOptions(b, 0, 0, false, false),
        ],
      },
    ],
    inputs: ['x'],
    outputs: ['y'],
  };
}

const kernelOf = (model: Model) => [...model.weights.values()][0];

describe('weights in the forms that TFLite stores them', () => {
  it('float16 behind DEQUANTIZE stays float16', async () => {
    const halves = Uint16Array.of(0x3c00, 0x4000, 0x4200, 0xbc00, 0xc000, 0x3800);
    const kernel = kernelOf(await open(dense({ type: 'FLOAT16', shape: [2, 3], data: halves }, true)));
    expect(kernel).toEqual({ shape: [3, 2], values: Float32Array.of(1, -1, 2, -2, 3, 0.5), encoding: { kind: 'float16' } });
  });

  it('int8 keeps its codes, one scale per output', async () => {
    const model = await open(
      dense({ type: 'INT8', shape: [2, 3], data: Int8Array.of(127, -127, 3, 0, 1, 2), scale: [0.5, 0.25] }),
    );
    const kernel = kernelOf(model);
    expect(kernel?.values).toEqual(Float32Array.of(63.5, 0, -63.5, 0.25, 1.5, 0.5));
    expect(kernel?.encoding).toEqual({
      kind: 'affine',
      bits: 8,
      symmetric: true,
      axis: 1,
      scale: Float64Array.of(0.5, 0.25),
      min: Float64Array.of(-63.5, -31.75),
      codes: Uint8Array.of(254, 127, 0, 128, 130, 129),
    });
    expect(codesOf(model)).toEqual(['TFLITE_LAYERS', 'TFLITE_DYNAMIC_RANGE']);
  });

  it('int4 comes two to a byte, the lower half first', async () => {
    const packed = Uint8Array.of(0x87, 0x1f, 0x2e);
    const kernel = kernelOf(await open(dense({ type: 'INT4', shape: [2, 3], data: packed, scale: [1] })));
    expect(kernel?.values).toEqual(Float32Array.of(7, 1, -8, -2, -1, 2));
    expect(kernel?.encoding).toMatchObject({ bits: 4, axis: null, codes: Uint8Array.of(15, 9, 0, 6, 7, 10) });
  });

  it('uint8 has a zero point', async () => {
    const stored = Uint8Array.of(0, 128, 255, 1, 2, 3);
    const kernel = kernelOf(await open(dense({ type: 'UINT8', shape: [2, 3], data: stored, scale: [0.5], zeroPoint: [128] })));
    expect(kernel?.values).toEqual(Float32Array.of(-64, -63.5, 0, -63, 63.5, -62.5));
    expect(kernel?.encoding).toMatchObject({ symmetric: false, codes: Uint8Array.of(0, 1, 128, 2, 255, 3) });
  });
});

describe('a net in floats and in whole numbers', () => {
  beforeAll(() => startBackend('simd'));
  afterAll(() => stopBackend('simd'));
  const sample = Float32Array.from({ length: 32 }, (_, i) => 2 * Math.sin(i));

  it('answers as the interpreter does', async () => {
    const interpreter = await openTflite(tfliteBytes(tinyTflite('float')));
    const predictor = await createPredictor(await open(tinyTflite('float')));
    const [found = []] = await predictor.predict([sample], 1);
    const [expected = []] = interpreter.run([sample]);
    for (const [i, value] of [...expected].entries()) expect(found[i]).toBeCloseTo(value, 5);
    predictor.dispose();
    interpreter.dispose();
  });

  it('keeps the grids of values, takes and gives real numbers', async () => {
    const model = await open(tinyTflite('int8'));
    expect(codesOf(model)).toEqual(['TFLITE_LAYERS', 'TFLITE_INTEGER', 'TFLITE_REAL_NUMBERS']);
    const grid = model.activations?.get('image');
    expect(grid && stepsOf(grid)).toMatchObject({ scale: Math.fround(0.05), zeroPoint: 3 });
    expect(new Set(model.activations?.keys())).toEqual(new Set(['image', ...model.nodes.map(({ name }) => name)]));
    expect([...model.weights.values()].map(({ encoding }) => encoding.kind)).toEqual([
      'affine',
      'float32',
      'affine',
      'float32',
      'affine',
      'float32',
    ]);
    const interpreter = await openTflite(tfliteBytes(tinyTflite('int8')));
    const predictor = await createPredictor(model);
    const [found = []] = await predictor.predict([sample], 1);
    const [expected = []] = interpreter.run([
      sample.map((value) => Math.max(-128, Math.min(127, Math.round(value / Math.fround(0.05)) + 3))),
    ]);
    for (const [i, q] of [...expected].entries()) expect(Math.abs((found[i] ?? 0) * 256 - 128 - q)).toBeLessThanOrEqual(1);
    predictor.dispose();
    interpreter.dispose();
  });
});

describe('refusals', () => {
  const plain = (kind: 'CUMSUM' | 'CUSTOM' | 'RESHAPE', shape: readonly number[]): FileSketch => ({
    tensors: { x: { shape: [1, 4] }, y: { shape } },
    operators: [{ kind, inputs: ['x'], outputs: ['y'] }],
    inputs: ['x'],
    outputs: ['y'],
  });

  it('names the operator, why and what to do', async () => {
    await expect(open(plain('CUMSUM', [1, 4]))).rejects.toMatchObject({
      code: 'FORMAT_TFLITE_UNSUPPORTED_OPERATOR',
      title: 'This model uses an operator that is not read here: CUMSUM (layer "y").',
      hint: expect.stringContaining('.keras'),
    });
    await expect(open(plain('RESHAPE', [2, 2]))).rejects.toMatchObject({ detail: expect.stringContaining('mixes samples') });
  });

  it('does not believe a shape that the layer does not make', async () => {
    const sketch = tinyTflite('float');
    const wrong = { ...sketch, tensors: { ...sketch.tensors, logits: { shape: [-1, 5] } } };
    await expect(open(wrong)).rejects.toMatchObject({ code: 'FORMAT_DAMAGED', detail: expect.stringContaining('[-1, 5]') });
  });

  it('does not unpack one constant for a thousand tensors', async () => {
    const shared = { shape: [500], data: new Float32Array(500) };
    const sketch = dense({ shape: [2, 3], data: new Float32Array(6) });
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`t${i}`, shared]));
    await expect(open({ ...sketch, tensors: { ...sketch.tensors, ...many } })).rejects.toMatchObject({
      code: 'FORMAT_DAMAGED',
      detail: expect.stringContaining('its tensors are 400024 bytes'),
    });
  });

  it('stops at lists that together are longer than the file', async () => {
    const bytes = tfliteBytes(tinyTflite('float'));
    const view = new DataView(bytes.buffer);
    // The list of tensors says that it is as long as the file.
    const root = view.getInt32(0, true);
    const field = (table: number, slot: number): number =>
      table + view.getUint16(table - view.getInt32(table, true) + 4 + 2 * slot, true);
    const follow = (at: number): number => at + view.getInt32(at, true);
    const graph = follow(follow(field(root, 2)) + 4);
    view.setInt32(follow(field(graph, 0)), bytes.length / 4, true);
    await expect(openModel([sourceFile('net.tflite', bytes)], {}, context)).rejects.toMatchObject({ code: 'FORMAT_DAMAGED' });
  });
});
