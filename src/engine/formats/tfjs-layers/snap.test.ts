import { describe, expect, it } from 'vitest';
import type { AffineEncoding, CodebookEncoding } from '../../model/encoding.ts';
import { float32 } from '../../model/encoding.ts';
import type { Weight } from '../../model/model.ts';
import { noise } from '../../testing/small-model.ts';
import { paletteBound, relativeRms, snapChannels, snapPalette } from './snap.ts';

function palette(
  centroids: readonly number[],
  bits: number,
  groups = 1,
  axis: number | null = null,
): Weight & { encoding: CodebookEncoding } {
  const codes = Uint8Array.from({ length: 8 * centroids.length }, (_, i) => i % 2 ** bits);
  const width = 2 ** bits;
  // The last axis has one index per group, so that neighbours belong to different palettes.
  const values = Float32Array.from(codes, (code, i) => centroids[(i % groups) * width + code] ?? 0);
  const encoding = {
    kind: 'codebook',
    palette: 'k-means',
    bits,
    axis,
    groups,
    centroids: Float32Array.from(centroids),
    codes,
  } as const;
  return { shape: [codes.length / groups, groups], values, encoding };
}

describe('palettes', () => {
  it('of powers of two are exact in bytes', () => {
    const weight = palette([-1, -0.25, 0, 0.0625], 2);
    const snapped = snapPalette(weight, weight.encoding);
    expect(snapped.relativeError).toBe(0);
    expect(snapped.weight.values).toEqual(weight.values);
    expect(snapped.weight.encoding).toMatchObject({ bits: 8, axis: null });
  });

  it('take sixteen bits where bytes would merge levels', () => {
    const weight = palette([-1, 0.001, 0.002, 1], 2);
    const snapped = snapPalette(weight, weight.encoding);
    expect(snapped.weight.encoding).toMatchObject({ bits: 16 });
    expect(new Set(snapped.weight.values).size).toBe(4);
    expect(snapped.relativeError).toBeLessThan(2e-5);
  });

  it('take bytes only where no level is lost and the weights move by no more than 1 %', () => {
    const chosen = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const levels = [...noise(16, seed)].map((value) => value ** (seed % 2 === 0 ? 3 : 1)).sort((a, b) => a - b);
      const weight = palette(levels, 4);
      const { weight: written, relativeError } = snapPalette(weight, weight.encoding);
      const { bits } = written.encoding as AffineEncoding;
      expect(relativeError).toBeLessThan(bits === 8 ? paletteBound : 1e-4);
      if (bits === 8) expect(new Set(written.values).size).toBe(16);
      chosen.add(bits);
    }
    expect(chosen).toEqual(new Set([8, 16]));
  });

  it('of several groups share one grid that holds zero', () => {
    const weight = palette([-0.9, 0, 0.33, 0.61, -0.45, 0, 0.2, 0.81], 2, 2, 1);
    const { weight: written, relativeError } = snapPalette(weight, weight.encoding);
    expect(relativeError).toBeLessThan(0.01);
    weight.values.forEach((value, i) => {
      if (value === 0) expect(written.values[i]).toBe(0);
    });
  });
});

describe('grids per channel', () => {
  it('merge into sixteen bits where every channel stands it', () => {
    const weight: Weight = { shape: [50, 4], values: noise(200), encoding: float32 };
    const snapped = snapChannels(weight, 1);
    expect(snapped.weight.encoding).toMatchObject({ kind: 'affine', bits: 16, axis: null });
    expect(snapped.relativeError).toBe(relativeRms(weight.values, snapped.weight.values));
    expect(snapped.relativeError).toBeLessThan(1e-4);
  });

  it('become float32 where one channel is much smaller than the others', () => {
    const weight: Weight = {
      shape: [50, 4],
      values: noise(200).map((value, i) => (i % 4 === 2 ? value * 1e-3 : value)),
      encoding: float32,
    };
    expect(snapChannels(weight, 1)).toMatchObject({ weight: { encoding: { kind: 'float32' } }, relativeError: 0 });
  });

  it('of zeros stay zeros', () => {
    const weight: Weight = { shape: [2, 2], values: new Float32Array(4), encoding: float32 };
    expect(snapChannels(weight, 1)).toMatchObject({ weight: { values: weight.values }, relativeError: 0 });
  });
});
