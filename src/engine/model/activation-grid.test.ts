import { describe, expect, it } from 'vitest';
import { smallModel } from '../testing/small-model.ts';
import { fakeQuantize, gridOfSteps, roundHalfAway, stepsOf, withActivations } from './activation-grid.ts';

describe('stepsOf', () => {
  // numpy, in float64 as TensorFlow's converter: scale = float32((max − min) / 255), zero point = std::round(−128 − min / scale).
  it.each([
    [-1, 1, 0.007843137718737125, -1],
    [0, 6, 0.0235294122248888, -128],
    [-0.25, 2.7, 0.011568627320230007, -106],
    [-5.25, 0, 0.02058823592960834, 127],
    [0.5, 4, 0.01568627543747425, -128],
    [-4, -1, 0.01568627543747425, 127],
  ])('[%f, %f] at 8 bits', (min, max, scale, zeroPoint) => {
    const steps = stepsOf({ min, max, bits: 8 });
    expect(steps.scale).toBeCloseTo(scale, 12);
    expect(steps).toMatchObject({ zeroPoint, low: -128, high: 127 });
  });

  it('is symmetric at 16 bits', () => {
    expect(stepsOf({ min: -2, max: 1, bits: 16 })).toEqual({
      scale: Math.fround(2 / 32767),
      zeroPoint: 0,
      low: -32768,
      high: 32767,
    });
  });

  it('has one step for a value that is always zero', () => {
    expect(stepsOf({ min: 0, max: 0, bits: 8 })).toMatchObject({ scale: 1, zeroPoint: -128 });
    expect(stepsOf({ min: 0, max: 1e-300, bits: 8 }).scale).toBe(2 ** -126);
  });

  it('gives back what a file states', () => {
    for (const zeroPoint of [-128, -17, 0, 99, 127]) {
      for (const scale of [1 / 256, Math.fround(0.0123456), Math.fround(3.7e-9), Math.fround(812.3)]) {
        expect(stepsOf(gridOfSteps(scale, zeroPoint))).toMatchObject({ scale, zeroPoint });
      }
    }
  });
});

describe('fakeQuantize', () => {
  it('rounds ties away from zero and clips to the codes', () => {
    expect([-2.5, -0.5, -0.49, 0.49999997, 0.5, 1.5, 2.5].map(roundHalfAway)).toEqual([-3, -1, -0, 0, 1, 2, 3]);
    const steps = { scale: 0.5, zeroPoint: 10, low: -128, high: 127 };
    const values = Float32Array.of(-0.25, 0.25, 0.74, 0.75, -100, 100, -0, Number.NaN);
    expect(fakeQuantize(values, steps)).toEqual(Float32Array.of(-0.5, 0.5, 0.5, 1, -69, 58.5, 0, Number.NaN));
  });

  it('leaves levels as they are and zero at zero', () => {
    const steps = stepsOf({ min: -0.31, max: 2.7, bits: 8 });
    const levels = Float32Array.from({ length: 256 }, (_, i) => steps.scale * (i - 128 - steps.zeroPoint));
    expect(fakeQuantize(levels, steps)).toEqual(levels);
    expect(levels).toContain(0);
  });
});

it('takes the map away where it is empty', () => {
  const model = smallModel({ x: [2] }, [{ name: 'a', op: 'Dense', config: { units: 1 } }]);
  const quantized = withActivations(model, new Map([['x', { min: 0, max: 1, bits: 8 }]]));
  expect(quantized.activations?.get('x')).toEqual({ min: 0, max: 1, bits: 8 });
  expect('activations' in withActivations(quantized, new Map())).toBe(false);
});
