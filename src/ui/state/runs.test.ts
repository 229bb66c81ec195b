import { expect, it } from 'vitest';
import type { Report } from '../../engine/report.ts';
import { noSizes, shownFigures } from './figures.ts';
import { committed, freshRecipe, recipeKey, redone, undone } from './recipe.ts';
import { setBits } from './recipe-edits.ts';
import { differenceOf, layerPairs, runRows } from './run-rows.ts';
import { noRuns, type Run, type RunsState, withoutRun, withRun, withRunBack } from './runs.ts';

const bytes = (value: number) => ({ 'size/gzip': { value, unit: 'B', how: 'measured' } }) as const;
const recipe = { recipe: 1, seed: 7, steps: [] } as const;
const layer = { op: 'Dense', shape: [], nonZero: 10, macs: 0, bits: 4, notes: [] };

const report = (size: number, layers: readonly string[] = []): Report => ({
  report: 1,
  model: 'm',
  recipe: { ...recipe, steps: [] },
  environment: { engine: '', backend: 'wasm', agent: '', isolated: true },
  before: bytes(1000),
  after: bytes(size),
  paired: {},
  layers: layers.map((name) => ({ ...layer, name, parameters: 10, stored: 'int4', payloadBefore: 40, payloadAfter: size / 10 })),
  notes: [],
  timings: {},
});

const add = (state: RunsState, key: string, made = report(100)): RunsState =>
  withRun(state, { key, recipe: { ...recipe, steps: [] }, handle: null, report: made }).state;
const three = ['a', 'b', 'c'].reduce((state, key) => add(state, key), noRuns);
const at = (state: RunsState, index: number): Run => state.runs[index] as Run;

it('puts a removed run back in its place, as the baseline it was', () => {
  const pinned = { ...three, pinned: 2, lit: 2 };
  const without = withoutRun(pinned, at(three, 1));
  expect(without).toMatchObject({ runs: [{ number: 1 }, { number: 3 }], pinned: 0, lit: null });
  const back = withRunBack(without, at(three, 1), pinned);
  expect([back.runs.map(({ number }) => number), back.pinned]).toEqual([[1, 2, 3], 2]);
});

it('gives no number twice, and keeps the newer of two runs of one recipe', () => {
  const without = withoutRun(three, at(three, 2));
  const again = add(without, 'c');
  expect(again.runs.map(({ number }) => number)).toEqual([1, 2, 4]);
  expect(withRunBack(again, at(three, 2), three)).toBe(again);
});

it('has the original as its first row and the baseline above it', () => {
  const numbers = (pinned: number) => runRows(three.runs, pinned).map(({ number }) => number);
  expect(numbers(0)).toEqual([0, 1, 2, 3]);
  expect(numbers(2)).toEqual([2, 0, 1, 3]);
  expect(runRows([], 0)).toEqual([]);
});

it('tells each row against the baseline, and the baseline against nothing', () => {
  const state = add(add(noRuns, 'a', report(200)), 'b', report(100));
  const [baseline, original, second] = runRows(state.runs, 1);
  if (!baseline || !original || !second) throw new Error('three rows were expected');
  const told = (row: typeof baseline) => differenceOf('size/gzip', baseline, row);
  expect(told(baseline)).toBeUndefined();
  expect(told(original)).toMatchObject({ difference: { value: 800 }, verdict: 'worse' });
  expect(told(second)).toMatchObject({ difference: { value: -100 }, verdict: 'better' });
  expect([original.times, second.times]).toEqual([1, 10]);
});

it('pairs layers, also those that one side lacks', () => {
  const state = add(add(noRuns, 'a', report(200, ['one', 'two'])), 'b', report(100, ['two']));
  const [original, first, second] = runRows(state.runs, 0);
  if (!original || !first || !second) throw new Error('three rows were expected');
  const layers = ['one', 'norm', 'two'].map((name) => ({ name, parameters: 10 })) as never;
  expect(layerPairs(first, second, layers)).toEqual([
    { name: 'one', from: { bytes: 20, stored: 'int4' } },
    { name: 'two', from: { bytes: 20, stored: 'int4' }, to: { bytes: 10, stored: 'int4' } },
  ]);
  expect(layerPairs(original, first, layers).map(({ name, from, to }) => [name, from?.bytes, to?.bytes])).toEqual([
    ['one', 40, 20],
    ['norm', 40, undefined],
    ['two', 40, 20],
  ]);
});

it('shows the cached result of whatever recipe undo and redo bring back', () => {
  const first = freshRecipe();
  const second = committed(first, setBits(3));
  const runs = add(add(noRuns, recipeKey(first.recipe), report(300)), recipeKey(second.recipe), report(150));
  const shown = (state: typeof first) => shownFigures(recipeKey(state.recipe), bytes(1000), noSizes, runs);
  expect(shown(second).after).toEqual(bytes(150));
  expect(shown(undone(second))).toMatchObject({ after: bytes(300), earlier: {} });
  expect(shown(redone(undone(second))).report).toBe(shown(second).report);
});
