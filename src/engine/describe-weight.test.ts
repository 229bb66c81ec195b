import { expect, it } from 'vitest';
import { describeWeight } from './describe-weight.ts';
import { decode, type Encoding, float32 } from './model/encoding.ts';
import type { Model, Weight } from './model/model.ts';

const source = { format: 'test', bytes: 0, optimizerBytes: 0, notes: [] };
const modelWith = (weight: Weight): Model => ({
  name: 'm',
  inputs: [],
  outputs: [],
  nodes: [],
  weights: new Map([['w', weight]]),
  source,
});

it('counts in steps where every channel has its own grid', () => {
  const shape = [2, 2];
  const encoding: Encoding = {
    kind: 'affine',
    bits: 8,
    symmetric: true,
    axis: 1,
    scale: Float64Array.of(0.5, 0.25),
    min: Float64Array.of(-63.5, -31.75),
    codes: Uint8Array.of(128, 129, 126, 127),
  };
  const original = { shape, values: Float32Array.of(0.45, 0.55, -0.6, 0.01), encoding: float32 };
  const result = describeWeight(modelWith(original), modelWith({ shape, values: decode(encoding, shape), encoding }), 'w');
  expect(result.axis).toBe('steps');
  expect(result.levels).toEqual([-1, 0, 1, 2]);
  expect(result.min).toBeCloseTo(-1.2);
  expect(result.max).toBeCloseTo(2.2);
  expect(result.original.reduce((a, b) => a + b)).toBe(4);
  expect(result.example).toMatchObject({ step: 0.5, code: 1, decoded: 0.5 });
});

it('compares no weight by place with a tensor that lost channels', () => {
  const encoding: Encoding = {
    kind: 'affine',
    bits: 8,
    symmetric: true,
    axis: 1,
    scale: Float64Array.of(0.5),
    min: Float64Array.of(-63.5),
    codes: Uint8Array.of(128, 127),
  };
  const original = { shape: [2, 2], values: Float32Array.of(9, 0.5, 9, 0), encoding: float32 };
  const smaller = { shape: [2, 1], values: decode(encoding, [2, 1]), encoding };
  const result = describeWeight(modelWith(original), modelWith(smaller), 'w');
  expect(result.axis).toBe('value');
  expect(result.example).toBeUndefined();
  expect([result.original, result.compressed].map((counts) => counts.reduce((a, b) => a + b))).toEqual([4, 2]);
});

it('shows float weights as they are, a constant tensor included', () => {
  const weight = { shape: [3], values: Float32Array.of(2, 2, 2), encoding: float32 };
  const result = describeWeight(modelWith(weight), modelWith(weight), 'w');
  expect(result).toMatchObject({ axis: 'value', levels: [], min: 1.5, max: 2.5 });
  expect(result.compressed.reduce((a, b) => a + b)).toBe(3);
  expect(() => describeWeight(modelWith(weight), modelWith(weight), 'x')).toThrow(
    expect.objectContaining({ code: 'MODEL_NO_WEIGHT' }),
  );
});
