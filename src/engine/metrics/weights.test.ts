import { describe, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { type Model, type Weight, withWeights } from '../model/model.ts';
import { layerParameters, modelParameters } from './parameters.ts';
import { measureSize, payloadBytes } from './size.ts';
import { layerSqnr } from './sqnr.ts';

const net = buildNet(
  'weights',
  [3],
  [
    { className: 'Dense', config: { units: 2 }, name: 'first' },
    { className: 'Dense', config: { units: 2 }, name: 'second' },
  ],
);

const changed = (id: string, weight: Partial<Weight>): Model => {
  const before = net.weights.get(id);
  if (before === undefined) throw new Error(`No tensor ${id}.`);
  return withWeights(net, new Map([[id, { ...before, ...weight }]]));
};

describe('measureSize', () => {
  it('counts packed codes and float32 scales, whole bytes per tensor', () => {
    const codes = Uint8Array.of(0, 1, 2, 3, 4, 5);
    const affine = {
      kind: 'affine',
      bits: 3,
      symmetric: true,
      axis: 1,
      scale: Float64Array.of(1, 1),
      min: Float64Array.of(-3, -3),
      codes,
    } as const;
    const model = changed('first/kernel', { encoding: affine });
    const weight = model.weights.get('first/kernel');
    expect(weight && payloadBytes(weight)).toBe(Math.ceil((6 * 3 + 64) / 8));
    expect(measureSize(model).layers).toEqual([
      { layer: 'first', payload: 11 + 8, entropy: Math.ceil((6 * Math.log2(6) + 64) / 8) + entropyOfBias(model) },
      { layer: 'second', payload: 16 + 8, entropy: expect.any(Number) },
    ]);
    expect(measureSize(model).payload).toBe(11 + 8 + 16 + 8);
  });

  const entropyOfBias = (model: Model) => {
    const [first] = measureSize(changed('first/kernel', { values: new Float32Array(6) })).layers;
    return model === net ? 0 : (first?.entropy ?? 0);
  };

  it('counts a tensor that two layers share once, under the first', () => {
    const [first, second] = net.nodes;
    if (first === undefined || second === undefined) throw new Error('The net has two layers.');
    const shared = { ...net, nodes: [second, { ...first, inputs: ['second'], weights: second.weights }] };
    expect(
      measureSize({ ...shared, inputs: [{ value: 'first', name: 'first', shape: [2], dtype: 'float32' }] }).layers,
    ).toHaveLength(1);
  });
});

describe('parameters', () => {
  it('are counted with and without zeros', () => {
    const model = changed('first/kernel', { values: Float32Array.of(0, 1, 0, -0, 2, 3) });
    expect(layerParameters(model).get('first')).toEqual({
      all: 8,
      nonZero: 3 + (layerParameters(net).get('first')?.nonZero ?? 0) - 6,
    });
    expect(modelParameters(net).all).toBe(14);
  });
});

describe('layerSqnr', () => {
  it('is 10 log10 of signal over noise, and absent where nothing changed', () => {
    const before = changed('first/kernel', { values: Float32Array.of(3, 4, 0, 0, 0, 0) });
    const after = changed('first/kernel', { values: Float32Array.of(3, 4, 0, 0, 0.5, 0) });
    expect([...layerSqnr(before, after)]).toEqual([['first', 20]]);
    expect(layerSqnr(before, before).size).toBe(0);
  });
});
