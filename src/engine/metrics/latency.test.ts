import { beforeAll, describe, expect, it } from 'vitest';
import { residualNet } from '../../../bench/nets.ts';
import { createRng } from '../math/rng.ts';
import { withWeights } from '../model/model.ts';
import { startBackend } from '../runtime/backends.ts';
import { createPredictor } from '../runtime/executor.ts';
import { type LatencyOptions, measureLatency, medianInterval, quantile, summarizeLatency, whyNotFaster } from './latency.ts';

const counting = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

describe('medianInterval', () => {
  // Ranks of the published tables of the sign test's confidence interval (Conover, Practical Nonparametric Statistics).
  it.each([
    [6, 1, 6],
    [9, 2, 8],
    [10, 2, 9],
    [20, 6, 15],
    [50, 18, 33],
    [100, 40, 61],
  ])('of %i samples runs from rank %i to rank %i', (n, low, high) => expect(medianInterval(counting(n))).toEqual([low, high]));

  it('does not exist below six samples', () => expect(medianInterval(counting(5))).toBeUndefined());

  it('covers the true median in about 95 of 100 experiments', () => {
    const rng = createRng(4);
    let covered = 0;
    for (let experiment = 0; experiment < 2000; experiment++) {
      const [low = 0, high = 0] = medianInterval(Array.from({ length: 41 }, () => rng.normal()).sort((a, b) => a - b)) ?? [];
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered / 2000).toBeGreaterThan(0.94);
    expect(covered / 2000).toBeLessThan(0.98);
  });
});

describe('summarizeLatency', () => {
  const noisy = (shift: number, spread: number) => {
    const rng = createRng(9);
    const before = Array.from({ length: 60 }, () => 10 + rng.next());
    return { before, after: before.map((value) => value + shift + spread * (rng.next() - 0.5)) };
  };

  it('gives medians and the 95th percentile with unit, runs and backend', () => {
    const samples = { before: counting(101), after: counting(101) };
    const { before } = summarizeLatency(samples, 'wasm');
    expect(before['latency/median']).toEqual({ value: 51, unit: 'ms', interval: [41, 61], n: 101, how: 'measured', on: 'wasm' });
    expect(before['latency/p95']?.value).toBe(96);
    expect(quantile([1, 2], 0.5)).toBe(1.5);
  });

  it.each([
    ['none', 0, 0.1],
    ['better', -3, 1],
    ['worse', 3, 1],
    ['unresolved', 0, 40],
  ])('says %s for a shift of %f ms in a spread of %f', (verdict, shift, spread) => {
    const { paired } = summarizeLatency(noisy(shift, spread), 'wasm');
    expect(paired.verdict).toBe(verdict);
    expect(paired.text).toMatch(/95 %, 60 pairs of runs/);
  });

  it('says that it cannot tell from five pairs', () => {
    const { paired } = summarizeLatency({ before: counting(5), after: counting(5) }, 'wasm');
    expect(paired).toMatchObject({
      verdict: 'unresolved',
      text: '5 pairs of runs are too few for an interval; six are the least.',
    });
  });
});

describe('measureLatency', () => {
  beforeAll(() => startBackend('simd'));

  async function setUp(changes: Partial<LatencyOptions> = {}) {
    const model = residualNet();
    const predictor = await createPredictor(model);
    const order: string[] = [];
    const spy = (name: string) => ({
      ...predictor,
      predict: (...parameters: Parameters<typeof predictor.predict>) => {
        order.push(name);
        return predictor.predict(...parameters);
      },
    });
    const options: LatencyOptions = {
      before: spy('before'),
      after: spy('after'),
      inputs: [new Float32Array(16 * 16 * 3)],
      count: 1,
      context: { signal: new AbortController().signal, report: () => undefined },
      minimumMs: 0,
      ...changes,
    };
    return { options, order, model, predictor };
  }

  it('warms up, alternates which goes first, and takes at least 50 runs of each', async () => {
    const { options, order, model, predictor } = await setUp({ now: () => 0 });
    const { before, layerShare } = await measureLatency(options);
    expect(order.length).toBe(2 * (5 + 50));
    expect(order.slice(10, 14)).toEqual(['before', 'after', 'after', 'before']);
    expect(before['latency/median']?.n).toBe(50);
    expect([...layerShare.keys()]).toEqual(model.nodes.map(({ name }) => name));
    expect([...layerShare.values()].reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    predictor.dispose();
  });

  it('stops when the time is up, with enough pairs for an interval', async () => {
    let clock = 0;
    const { options, predictor } = await setUp({ now: () => (clock += 1000) });
    const { paired } = await measureLatency(options);
    expect(paired.difference.n).toBe(6);
    predictor.dispose();
  });

  it('runs at most one batch after it is cancelled', async () => {
    const controller = new AbortController();
    const report = () => controller.abort();
    const { options, order, predictor } = await setUp({ context: { signal: controller.signal, report } });
    await expect(measureLatency(options)).rejects.toThrow();
    expect(order.length).toBe(12);
    predictor.dispose();
  });
});

describe('whyNotFaster', () => {
  const model = residualNet();
  const [id = '', weight] = [...model.weights][0] ?? [];
  if (weight === undefined) throw new Error('The net has weights.');

  it('tells what quantization and pruning cannot do under TF.js', () => {
    const quantized = withWeights(model, new Map([[id, { ...weight, encoding: { kind: 'float16' } as const }]]));
    const pruned = withWeights(model, new Map([[id, { ...weight, mask: new Uint8Array(weight.values.length) }]]));
    expect(whyNotFaster(model, quantized)).toContain('expands every weight to float32');
    expect(whyNotFaster(model, pruned)).toContain('multiplies by zeros');
    expect(whyNotFaster(model, model)).toBeUndefined();
  });
});
