import { describe, expect, it } from 'vitest';
import { buildNet } from '../../../../bench/nets.ts';
import { createRng } from '../../math/rng.ts';
import { type Model, type Weight, withWeights } from '../../model/model.ts';
import { applyStep, planRecipe } from '../../plan.ts';
import { parseRecipe } from '../../recipe.ts';

const net = buildNet(
  'steps',
  [16],
  [
    { className: 'Dense', config: { units: 16 }, name: 'big' },
    { className: 'Dense', config: { units: 1 }, name: 'small' },
  ],
);

async function run(step: Record<string, unknown>, model: Model = net) {
  const [planned] = planRecipe(parseRecipe({ recipe: 1, steps: [step] }), model).steps;
  if (planned === undefined) throw new Error('The plan has one step.');
  return applyStep(planned, model, { signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
}

function changed(change: Partial<Weight>): Model {
  const weight = net.weights.get('big/kernel');
  if (weight === undefined) throw new Error('The net has a kernel.');
  return withWeights(net, new Map([['big/kernel', { ...weight, ...change }]]));
}

describe('quantize/float16', () => {
  it('keeps what is too large at 65504 and says so, as it does what vanishes', async () => {
    const values = new Float32Array(256).fill(0.1);
    values.set([70000, -1e30, 65519, 65520, 1e-9, 0, 5.960464e-8]);
    const { model, notes } = await run({ use: 'quantize/float16' }, changed({ values }));
    expect([...(model.weights.get('big/kernel')?.values.subarray(0, 8) ?? [])]).toEqual([
      65504,
      -65504,
      65504,
      65504,
      0,
      0,
      2 ** -24,
      0.0999755859375,
    ]);
    expect(notes.filter(({ layer }) => layer === 'big').map(({ code, text }) => [code, text])).toEqual([
      ['half-overflow', '3 values beyond ±65504 were set to ±65504.'],
      ['half-underflow', '1 values below 3e-8 became zero.'],
    ]);
  });
});

describe('what is left as it is', () => {
  it.each(['quantize/affine', 'quantize/codebook', 'quantize/float16'])(
    'a tensor that %s would not make smaller',
    async (use) => {
      const { model, notes } = await run({ use });
      expect(model.weights.get('small/kernel')).toBe(net.weights.get('small/kernel'));
      expect(model.weights.get('big/kernel')?.encoding.kind).not.toBe('float32');
      expect(notes).toEqual([
        {
          layer: 'small',
          weight: 'small/kernel',
          code: 'not-smaller',
          text: expect.stringMatching(/^It stays as it is \(float32\), .* bytes\.$/),
        },
      ]);
    },
  );

  it('a tensor that has as few bits already', async () => {
    const { model } = await run({ use: 'quantize/affine', bits: 4 });
    const again = await run({ use: 'quantize/affine', bits: 4 }, model);
    expect(again.model.weights.get('big/kernel')).toBe(model.weights.get('big/kernel'));
    expect(again.notes[0]?.text).toContain('It stays as it is (affine)');
  });

  it.each([
    { use: 'quantize/affine', bits: 1 },
    { use: 'quantize/codebook', palette: 'power-of-two', bits: 1 },
  ])('a pruned tensor whose levels would have no zero: %j', async (step) => {
    const { model, notes } = await run(step, changed({ mask: new Uint8Array(256).fill(1) }));
    expect(model.weights.get('big/kernel')?.encoding.kind).toBe('float32');
    expect(notes[0]).toMatchObject({ layer: 'big', code: 'no-zero-level' });
  });
});

describe('quantize/codebook', () => {
  it('says that NF4 has 4 bits', async () => {
    const { notes } = await run({ use: 'quantize/codebook', palette: 'nf4', bits: 3 });
    expect(notes).toContainEqual(expect.objectContaining({ code: 'nf4-bits' }));
  });
});
