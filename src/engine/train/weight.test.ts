/** How constraints turn latent numbers into values and gradients back: central differences where a function is smooth, formulas where not. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { type AffineEncoding, decode, float32 } from '../model/encoding.ts';
import type { Weight } from '../model/model.ts';
import { codeAffine } from '../techniques/quantize/affine-codes.ts';
import { codeCodebook } from '../techniques/quantize/codebook-codes.ts';
import { topCode } from '../techniques/quantize/grid.ts';
import { constrained } from './constraints.ts';
import { gridWeight } from './grid-weight.ts';
import type { TrainableWeight } from './weight.ts';

const shape = [6, 4];
const rng = createRng(3);
const normal = (length: number) => Float32Array.from({ length }, () => rng.normal());
const plain: Weight = { shape, values: normal(24), encoding: float32 };
const mask = Uint8Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 0 : 1));
const pruned: Weight = { ...plain, mask, values: plain.values.map((value, i) => (mask[i] === 0 ? 0 : value)) };
const kernel = { kind: 'kernel' } as const;

/** Moves every parameter, as an optimizer would. */
function shake({ parameters }: TrainableWeight): void {
  const noise = createRng(9);
  for (const { values } of parameters) values.set(values.map((value) => value * (1 + 0.1 * noise.normal())));
}

function expectStored(weight: Weight): void {
  const { encoding, values } = weight;
  if ('codes' in encoding) expect(values).toEqual(decode(encoding, shape));
  if (weight.mask) expect(values.every((value, i) => weight.mask?.[i] === 1 || Object.is(value, 0))).toBe(true);
}

const affine = (weight: Weight, bits: number, symmetric: boolean, axis: number | null = 1, group?: number): Weight => ({
  ...weight,
  ...codeAffine(weight.values, shape, {
    bits,
    symmetric,
    narrow: true,
    axis,
    group,
    range: 'min-max',
    percentile: 100,
    holdsZero: true,
  }),
});
const palette = (weight: Weight, kind: 'k-means' | 'nf4' | 'power-of-two', groups = 1): Weight => ({
  ...weight,
  ...codeCodebook(
    weight.values,
    shape,
    { palette: kind, bits: kind === 'nf4' ? 4 : 3, axis: groups > 1 ? 1 : null, groups },
    weight.mask,
    createRng(1),
  ),
});

const cases: readonly (readonly [string, Weight])[] = [
  ['plain', plain],
  ['pruned', pruned],
  ['half', { ...plain, encoding: { kind: 'float16' } }],
  ...[2, 4, 8].flatMap((bits) => [
    [`${bits} symmetric bits`, affine(plain, bits, true)] as const,
    [`${bits} asymmetric bits`, affine(plain, bits, false)] as const,
    [`${bits} bits, pruned`, affine(pruned, bits, true)] as const,
  ]),
  ['four bits in groups, pruned', affine(pruned, 4, true, 1, 4)],
  ['three asymmetric bits in groups', affine(plain, 3, false, 1, 4)],
  ['one bit', affine(plain, 1, true)],
  ['k-means', palette(plain, 'k-means')],
  ['k-means in groups, pruned', palette(pruned, 'k-means', 2)],
  ['nf4, pruned', palette(pruned, 'nf4')],
  ['powers of two', palette(plain, 'power-of-two', 2)],
];

describe.each(cases)('%s', (name, weight) => {
  it('starts at the values it was given', () => {
    const start = constrained(weight, kernel).encode();
    expectStored(start);
    if (name !== 'half') expect(start.values).toEqual(weight.values);
    if ('codes' in weight.encoding) expect(start.encoding).toEqual(weight.encoding);
  });

  it('keeps its form while its numbers move', () => {
    const trainable = constrained(weight, kernel);
    shake(trainable);
    const seen = trainable.values().slice();
    const end = trainable.encode();
    expectStored(end);
    expect(end.values).toEqual(seen);
    expect(end.mask).toEqual(weight.mask);
    expect(end.encoding.kind).toBe(weight.encoding.kind);
    const distinct = (values: Float32Array) => new Set(values).size;
    if (end.encoding.kind === 'codebook') {
      expect(distinct(end.values)).toBeLessThanOrEqual(2 ** end.encoding.bits * end.encoding.groups);
      const { centroids, bits, groups } = end.encoding;
      for (let g = 0; g < groups; g++) {
        const row = centroids.subarray(g << bits, (g + 1) << bits);
        expect([...row]).toEqual([...row].sort((a, b) => a - b));
      }
    }
  });

  it('lets pruned weights learn nothing', () => {
    if (weight.mask === undefined || weight.encoding.kind === 'codebook') return;
    const [slope = new Float32Array()] = constrained(weight, kernel).gradients(new Float32Array(24).fill(1));
    expect([...slope].filter((_, i) => weight.mask?.[i] === 0).every((value) => value === 0)).toBe(true);
  });
});

it('sums gradients into centroids: central differences of a quadratic loss', () => {
  const trainable = constrained(palette(pruned, 'k-means', 2), kernel);
  const goal = normal(24);
  const loss = () => trainable.values().reduce((sum, value, i) => sum + (value - (goal[i] as number)) ** 2, 0);
  const slope = trainable.values().map((value, i) => 2 * (value - (goal[i] as number)));
  const [gradient = new Float32Array()] = trainable.gradients(slope);
  const centroids = trainable.parameters[0]?.values ?? new Float32Array();
  centroids.forEach((centroid, i) => {
    const at = (value: number) => {
      centroids[i] = value;
      return loss();
    };
    const difference = (at(centroid + 0.01) - at(centroid - 0.01)) / 0.02;
    centroids[i] = centroid;
    // An entry that stands for zero stays there.
    expect(gradient[i]).toBeCloseTo(centroid === 0 ? 0 : difference, 3);
  });
});

describe('learned steps', () => {
  const learned = (bits: number, symmetric = true) => {
    const options = { bits, symmetric, narrow: true, axis: 1, range: 'mse', percentile: 100, holdsZero: true } as const;
    const { encoding } = codeAffine(plain.values, shape, options);
    return { encoding, trainable: gridWeight(plain, { grid: encoding, top: topCode(options), learned: true }) };
  };

  it.each([
    [2, true],
    [3, true],
    [4, false],
  ])('have the gradient of LSQ, equation 3: %i bits, symmetric %s', (bits, symmetric) => {
    const { encoding, trainable } = learned(bits, symmetric);
    const slope = normal(24);
    const expected = lsqGradient(encoding, plain.values, slope, bits, symmetric);
    trainable.values();
    const [latent, steps] = trainable.gradients(slope.slice());
    expect([...(steps ?? [])]).toEqual(expected.steps.map((value) => expect.closeTo(value, 4)));
    expect([...(latent ?? [])]).toEqual(expected.latent.map((value) => expect.closeTo(value, 6)));
  });

  it('move both levels of one bit', () => {
    const { trainable } = learned(1);
    expect(trainable.parameters[1]?.values).toHaveLength(4);
    trainable.values();
    const slope = Float32Array.from(plain.values, Math.sign);
    const [latent, steps] = trainable.gradients(slope.slice());
    expect([...(steps ?? [])]).toEqual(new Array(4).fill(expect.closeTo(6 / Math.sqrt(6), 5)));
    expect(latent).toEqual(slope);
    const { encoding } = trainable.encode();
    expect((encoding as AffineEncoding).bits).toBe(1);
  });

  it('never shrink to nothing', () => {
    const { trainable } = learned(4);
    trainable.parameters[1]?.values.fill(-1);
    expectStored(trainable.encode());
    expect([...(trainable.encode().encoding as AffineEncoding).scale].every((scale) => scale > 0)).toBe(true);
  });
});

/** Esser et al. 2020, equations 3 and 5 and the gradient scale of section 2.2, straight from the paper. */
function lsqGradient(grid: AffineEncoding, values: Float32Array, slope: Float32Array, bits: number, symmetric: boolean) {
  const steps = [0, 0, 0, 0];
  const latent = Array.from(values, (value, i) => {
    const channel = i % 4;
    const s = grid.scale[channel] as number;
    const qn = Math.round(-(grid.min[channel] as number) / s);
    const qp = (symmetric ? 2 ** bits - 2 : 2 ** bits - 1) - qn;
    const v = value / s;
    const inside = v > -qn && v < qp;
    const own = inside ? -v + Math.round(v) : v <= -qn ? -qn : qp;
    steps[channel] = (steps[channel] as number) + (own * (slope[i] as number)) / Math.sqrt(6 * qp);
    return inside ? (slope[i] as number) : 0;
  });
  return { steps, latent };
}
