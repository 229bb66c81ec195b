import { expect, it } from 'vitest';
import type { Figures, Report } from '../../engine/report.ts';
import { noSizes, shownFigures } from './figures.ts';
import { noRuns, withRun } from './runs.ts';

const size = (value: number, how: 'measured' | 'estimated'): Figures => ({ 'size/gzip': { value, unit: 'B', how } });
const accuracy: Figures = { 'accuracy/top1': { value: 0.99, unit: 'fraction', how: 'measured' } };
const report = (after: Figures): Report => ({
  report: 1,
  model: 'm',
  recipe: { recipe: 1, seed: 7, steps: [] },
  environment: { engine: '', backend: 'wasm', agent: '', isolated: true },
  before: { ...size(1000, 'measured'), ...accuracy },
  after,
  paired: {},
  layers: [],
  notes: [],
  timings: {},
});
const estimate = (value: number, how: 'measured' | 'estimated') => ({ figures: size(value, how), layers: [], notes: [] });

it('prefers a run, then a going run, then true sizes, then the estimate', () => {
  const sizes = { estimate: estimate(90, 'estimated'), measured: { key: 'a', value: estimate(100, 'measured') } };
  const shown = (key: string, runs = noRuns) => shownFigures(key, size(1000, 'measured'), sizes, runs).after['size/gzip']?.value;
  expect(shown('b')).toBe(90);
  expect(shown('a')).toBe(100);
  const event = { stage: 'accuracy', done: 1, total: 2, elapsedMs: 1, partial: size(101, 'measured') };
  const running = { key: 'a', event, cancel: () => undefined, done: Promise.resolve(null) };
  expect(shown('a', { ...noRuns, running })).toBe(101);
  const { state } = withRun(noRuns, { key: 'a', recipe: report({}).recipe, handle: null, report: report(size(102, 'measured')) });
  expect(shown('a', state)).toBe(102);
});

it('keeps an earlier run apart, and its baseline', () => {
  const { state } = withRun(noRuns, { key: 'a', recipe: report({}).recipe, handle: null, report: report(accuracy) });
  const shown = shownFigures('b', {}, noSizes, state);
  expect(shown.after).toEqual({});
  expect(shown.earlier).toEqual(accuracy);
  expect(shown.before['accuracy/top1']).toEqual(accuracy['accuracy/top1']);
});

it('gives a repeated recipe its old number', () => {
  const once = withRun(noRuns, { key: 'a', recipe: report({}).recipe, handle: null, report: report({}) }).state;
  const twice = withRun(once, { key: 'a', recipe: report({}).recipe, handle: null, report: report(accuracy) });
  expect(twice.run.number).toBe(1);
  expect(twice.state.runs).toHaveLength(1);
});
