import { expect, it } from 'vitest';
import { claim, outlived } from './claim.ts';
import type { SessionRecord } from './records.ts';

const record = (id: string, saved: number, sample?: string): SessionRecord => ({
  id,
  saved,
  name: id,
  model: sample === undefined ? { files: [], allowNonFinite: false } : { sample },
  data: null,
  recipe: { recipe: 1, seed: 7, steps: [] },
  runs: 0,
});
const nothing = { mine: null, link: null, records: [], held: new Set<string>() };

it('begins anew on a first visit', () => {
  expect(claim(nothing)).toEqual({ id: null, second: false });
});

it('brings a reloaded tab its own session back, sample or not', () => {
  const records = [record('a', 1), record('b', 2, 'iris')];
  expect(claim({ ...nothing, records, mine: 'a' }).id).toBe('a');
  expect(claim({ ...nothing, records, mine: 'b', link: { sample: 'iris' } }).id).toBe('b');
  expect(claim({ ...nothing, records, mine: 'a', link: { sample: null } }).id).toBe('a');
});

it('lets a new tab go on with the last model of the visitor’s own, but not with a sample', () => {
  expect(claim({ ...nothing, records: [record('a', 1), record('b', 2)] }).id).toBe('b');
  expect(claim({ ...nothing, records: [record('a', 1), record('b', 2, 'iris')] }).id).toBeNull();
});

it('follows a link to something else and leaves what was kept alone', () => {
  const records = [record('a', 1), record('b', 2, 'iris')];
  expect(claim({ ...nothing, records, mine: 'a', link: { sample: 'iris' } })).toEqual({ id: null, second: false });
  expect(claim({ ...nothing, records, mine: 'b', link: { sample: null } })).toEqual({ id: null, second: false });
  expect(claim({ ...nothing, records, link: { sample: null } })).toEqual({ id: null, second: false });
});

it('never gives two tabs one session: the second is told', () => {
  const records = [record('a', 1)];
  const held = new Set(['a']);
  expect(claim({ ...nothing, records, held })).toEqual({ id: null, second: true });
  expect(claim({ ...nothing, records, held, mine: 'a' })).toEqual({ id: null, second: true });
});

it('gives up the oldest sessions that no tab has', () => {
  const records = Array.from({ length: 9 }, (_, index) => record(String(index), index));
  expect(outlived(records, new Set())).toEqual(['2', '1', '0']);
  expect(outlived(records, new Set(['1']))).toEqual(['2', '0']);
});
