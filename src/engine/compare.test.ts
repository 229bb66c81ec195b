import { describe, expect, it } from 'vitest';
import { compareFigure } from './compare.ts';
import { outcomesOf } from './metrics/outcomes.ts';
import type { Figures, Paired, Report } from './report.ts';

const fraction = (value: number, interval: readonly [number, number]) =>
  ({ value, unit: 'fraction', interval, n: 200, how: 'measured' }) as const;
const time = (value: number, interval: readonly [number, number], on = 'wasm') =>
  ({ value, unit: 'ms', interval, how: 'measured', on }) as const;
const bytes = (value: number) => ({ value, unit: 'B', how: 'measured' }) as const;

function report(after: Figures, rest: Partial<Report> = {}): Report {
  return {
    report: 1,
    model: 'm',
    recipe: { recipe: 1, seed: 7, steps: [] },
    environment: { engine: '', backend: 'wasm', agent: '', isolated: true },
    before: {},
    after,
    paired: {},
    layers: [],
    notes: [],
    timings: {},
    ...rest,
  };
}

/** 200 samples of class 0; those from `wrong` on, `count` of them, are answered with 1. */
const answers = (wrong: number, count: number) =>
  Int32Array.from({ length: 200 }, (_, i) => Number(i >= wrong && i < wrong + count));
const outcomes = (after: Int32Array) => {
  const found = outcomesOf({ before: new Int32Array(200), after }, new Int32Array(200));
  if (found === null) throw new Error('no answers');
  return { outcomes: found };
};

describe('compareFigure', () => {
  it('tells sizes exactly', () => {
    const [a, b] = [report({ 'size/gzip': bytes(200) }), report({ 'size/gzip': bytes(120) })];
    expect(compareFigure('size/gzip', a, b)).toMatchObject({ difference: { value: -80 }, basis: 'exact', verdict: 'better' });
    expect(compareFigure('size/gzip', b, a)).toMatchObject({ difference: { value: 80 }, verdict: 'worse' });
    expect(compareFigure('size/gzip', a, a)).toMatchObject({ difference: { value: 0 }, verdict: 'none' });
  });

  it('compares answers sample by sample where both runs kept them', () => {
    const wide = { 'accuracy/top1': fraction(0.9, [0.85, 0.94]) };
    const a = report(wide, outcomes(answers(0, 20)));
    const b = report({ 'accuracy/top1': fraction(0.8, [0.74, 0.85]) }, outcomes(answers(0, 40)));
    // 20 lost, none gained: McNemar's exact p is 2 · 2⁻²⁰.
    const found = compareFigure('accuracy/top1', a, b);
    expect(found).toMatchObject({ basis: 'paired', verdict: 'worse', difference: { value: -10, unit: 'points', n: 200 } });
    expect(found?.pValue).toBeCloseTo(2 ** -19, 12);
    const turned = compareFigure('accuracy/top1', a, report(wide, outcomes(answers(180, 20))));
    expect(turned).toMatchObject({ basis: 'paired', verdict: 'none', difference: { value: 0 }, pValue: 1 });
  });

  it('falls back to each run’s own interval, by the published rule', () => {
    // Newcombe 1998, table II (a): 56/70 − 48/80, method 10: 0.0524 to 0.3339.
    const a = report({ 'accuracy/top1': fraction(48 / 80, [0.4905, 0.7004]) });
    const b = report({ 'accuracy/top1': fraction(56 / 70, [0.6918, 0.877]) });
    const found = compareFigure('accuracy/top1', a, b);
    expect(found).toMatchObject({ basis: 'independent', verdict: 'better', difference: { unit: 'points' } });
    expect(found?.difference.value).toBeCloseTo(20, 10);
    expect(found?.difference.interval?.[0]).toBeCloseTo(5.24, 1);
    expect(found?.difference.interval?.[1]).toBeCloseTo(33.39, 1);
  });

  it('does not pair synthetic answers that were drawn from different seeds', () => {
    const agreement = { 'agreement/top1': { ...fraction(0.9, [0.85, 0.94]), synthetic: true } };
    const a = report(agreement, outcomes(answers(0, 20)));
    const seeded = (seed: number) => report(agreement, { recipe: { ...a.recipe, seed }, ...outcomes(answers(0, 20)) });
    expect(compareFigure('agreement/top1', a, seeded(7))?.basis).toBe('paired');
    expect(compareFigure('agreement/top1', a, seeded(8))?.basis).toBe('independent');
  });

  it('widens a difference of times by what the original itself moved, and compares no two devices', () => {
    const run = (after: number, before: number) =>
      report(
        { 'latency/median': time(after, [after - 0.01, after + 0.01]) },
        { before: { 'latency/median': time(before, [before, before]) } },
      );
    expect(compareFigure('latency/median', run(1, 1), run(0.8, 1))?.verdict).toBe('better');
    expect(compareFigure('latency/median', run(1, 1), run(0.8, 0.8))?.verdict).toBe('none');
    const gpu = report({ 'latency/median': time(0.1, [0.1, 0.1], 'webgpu') });
    expect(compareFigure('latency/median', run(1, 1), gpu)).toBeUndefined();
  });

  it('calls a sure loss a loss, but none that lies within the margin that matters', () => {
    const own: Paired = {
      difference: { value: -0.8, unit: 'points', interval: [-0.9, -0.7], n: 10_000, how: 'measured' },
      verdict: 'worse',
      text: '',
      pValue: 0.01,
    };
    const run = report(
      { 'accuracy/top1': fraction(0.988, [0.98, 0.99]) },
      { before: { 'accuracy/top1': fraction(0.99, [0.98, 0.99]) }, paired: { 'accuracy/top1': own } },
    );
    expect(compareFigure('accuracy/top1', 'original', run)).toMatchObject({ basis: 'paired', verdict: 'worse', pValue: 0.01 });
    const turned = compareFigure('accuracy/top1', run, 'original');
    expect(turned).toMatchObject({ difference: { value: 0.8, interval: [0.7, 0.9] }, verdict: 'better' });
    const within: Paired = {
      ...own,
      difference: { ...own.difference, value: -0.2, interval: [-0.3, -0.1] },
      verdict: 'none',
    };
    const small = report(run.after, { before: run.before, paired: { 'accuracy/top1': within } });
    expect(compareFigure('accuracy/top1', 'original', small)?.verdict).toBe('none');
    expect(compareFigure('accuracy/top1', 'original', 'original')).toBeUndefined();
    const times = { difference: { value: -0.01, unit: 'ms', interval: [-0.012, -0.008], how: 'measured' }, text: '' } as const;
    const timed = (verdict: 'none' | 'better') =>
      report(
        { 'latency/median': time(0.99, [0.98, 1]) },
        { before: { 'latency/median': time(1, [1, 1]) }, paired: { 'latency/median': { ...times, verdict } } },
      );
    expect(compareFigure('latency/median', 'original', timed('none'))?.verdict).toBe('none');
    expect(compareFigure('latency/median', 'original', timed('better'))?.verdict).toBe('better');
  });

  it('says nothing of figures that only one of them has, or that are neither better nor worse', () => {
    expect(compareFigure('size/gzip', report({}), report({ 'size/gzip': bytes(1) }))).toBeUndefined();
    const some = report({ 'memory/peak': bytes(1) });
    expect(compareFigure('memory/peak', some, some)).toBeUndefined();
  });
});
