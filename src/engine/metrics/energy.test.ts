import { describe, expect, it } from 'vitest';
import { onGrid, smallModel } from '../testing/small-model.ts';
import { estimateEnergy, macEnergy } from './energy.ts';

const dense = smallModel({ x: [100] }, [{ name: 'dense', op: 'Dense', config: { units: 10, use_bias: false } }]);

describe('estimateEnergy', () => {
  it('adds arithmetic, weights from DRAM and activations in SRAM', () => {
    const energy = estimateEnergy(dense, [[100]]);
    // 1,000 multiply-accumulates, 1,000 weights and 10 activations of 32 bits.
    const expected = { layer: 'dense', compute: expect.closeTo(4600, 6), weights: 1000 * 640, activations: 10 * 2 * 5 };
    expect(energy?.layers).toEqual([expected]);
    expect(energy?.total.value).toBeCloseTo((4600 + 640_000 + 100) / 1e6, 9);
    expect(energy?.total).toMatchObject({ unit: 'µJ', how: 'estimated' });
  });

  it('charges a stored width', () => {
    const quantized = onGrid(dense, 'dense/kernel', { bits: 8, axis: null, symmetric: true });
    const [layer] = estimateEnergy(quantized, [[100]])?.layers ?? [];
    expect(layer?.compute).toBeCloseTo(1000 * 0.3, 9);
    expect(layer?.weights).toBeCloseTo((8 * 1000 + 32) * 20, 6);
    expect(layer?.activations).toBeCloseTo(10 * 2 * (5 / 4), 9);
  });

  it('scales multiplications with the square of the width, as the published 32 bits confirm', () => {
    const encoding = {
      kind: 'affine',
      symmetric: true,
      axis: null,
      scale: new Float64Array(1),
      min: new Float64Array(1),
    } as const;
    const at = (bits: number) => macEnergy({ ...encoding, bits, codes: new Uint8Array(0) }) - 0.1;
    expect(at(4)).toBeCloseTo(0.05, 9);
    expect(at(32) / 3.1).toBeCloseTo(1, 1);
  });

  it('is silent where a size is not known', () => {
    const open = smallModel({ x: [null, null, 1] }, [{ name: 'conv', op: 'Conv2D', config: { filters: 2, kernel_size: 3 } }]);
    expect(estimateEnergy(open, [[Number.NaN, Number.NaN, 1]])).toBeNull();
  });
});
