import { beforeEach, expect, it } from 'vitest';
import type { DroppedFile } from '../../workers/api.ts';
import { keepStore } from '../state/keep.ts';
import { commitRecipe, freshRecipe, recipeStore } from '../state/recipe.ts';
import { setBits } from '../state/recipe-edits.ts';
import { noRuns, type Run, runsStore } from '../state/runs.ts';
import { noSearch, searchStore } from '../state/search.ts';
import { session } from '../state/session.ts';
import { createKeeper } from './keeper.ts';
import {
  bytesOf,
  changedRuns,
  editsOfRecord,
  hashesOf,
  type RunRecord,
  runsOfRecords,
  type SessionRecord,
  searchOfRecord,
  type TrainedRecord,
  withRecipe,
} from './records.ts';
import type { Store } from './store.ts';

/** Storage in memory: what a browser would hold. */
function fakeStore() {
  const disk = {
    sessions: new Map<string, SessionRecord>(),
    runs: new Map<number, RunRecord>(),
    kept: [] as string[],
    trained: [] as (readonly [number, number])[],
    room: 10,
  };
  const store = {
    alone: (job: () => Promise<unknown>) => job(),
    async keep(blob: Blob) {
      if (disk.kept.length >= disk.room) throw new DOMException('No room.', 'QuotaExceededError');
      const hash = (await blob.text()).padEnd(64, '0');
      disk.kept.push(hash);
      return hash;
    },
    async write(
      record: SessionRecord,
      runs: readonly RunRecord[],
      numbers: ReadonlySet<number>,
      trained: readonly TrainedRecord[],
    ) {
      disk.trained.push(...trained.map(({ number, bytes }) => [number, bytes] as const));
      disk.sessions.set(record.id, record);
      for (const number of disk.runs.keys()) if (!numbers.has(number)) disk.runs.delete(number);
      for (const run of runs) disk.runs.set(run.number, run);
    },
    async sweep() {
      const needed = hashesOf([...disk.sessions.values()]);
      disk.kept = disk.kept.filter((hash) => needed.has(hash));
    },
  } as unknown as Store;
  return { store, disk };
}

const file = (path: string, content: string): DroppedFile => ({ path, blob: new Blob([content]) });
const run = (number: number, report = {}): Run =>
  ({ number, key: `k${number}`, recipe: { recipe: 1, seed: 7, steps: [] }, handle: 'result-1', report }) as unknown as Run;
const summary = (name: string) => ({ handle: name, summary: { name } }) as never;
const opened = (name: string, ...files: DroppedFile[]) =>
  session.setState({ model: summary(name), card: null, modelFrom: { files, allowNonFinite: false }, data: null, dataFrom: null });
const dataOf = (preprocessing: string, guessed: boolean) => ({ summary: { preprocessing, guessed } }) as never;

let failures: unknown[] = [];
const keeperOf = (store: Store) =>
  createKeeper(
    store,
    's',
    (thrown) => failures.push(thrown),
    async ({ number }) => ({ bytes: 4, steps: number === 9 ? [] : [{ key: `k${number}`, result: {} as never }] }),
    () => 42,
  );

beforeEach(() => {
  failures = [];
  session.setState({ model: null, card: null, data: null, modelFrom: null, dataFrom: null });
  recipeStore.setState(freshRecipe());
  runsStore.setState(noRuns);
  searchStore.setState(noSearch);
  keepStore.setState({ phase: 'on' });
});

it('writes model, data, recipe and runs, and writes only what changed', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  opened('net', file('model.json', 'aa'), file('w.bin', 'bb'));
  session.setState({ data: dataOf('unit', false), dataFrom: { files: [file('x.csv', 'cc')], sample: false } });
  commitRecipe(setBits(4));
  runsStore.setState({ runs: [run(1)] });
  await keeper.save();
  expect(disk.sessions.get('s')).toMatchObject({
    saved: 42,
    name: 'net',
    model: { files: [{ path: 'model.json', size: 2 }, { path: 'w.bin' }], allowNonFinite: false },
    data: { files: [{ path: 'x.csv' }], preprocessing: 'unit' },
    recipe: { steps: [{ use: 'quantize/affine', bits: 4 }] },
    runs: 1,
  });
  expect(disk.runs.get(1)).toMatchObject({ session: 's', key: 'k1' });
  disk.runs.clear();
  await keeper.save();
  expect([disk.kept.length, disk.runs.size]).toEqual([3, 0]);
  session.setState(({ modelFrom }) => ({ modelFrom: modelFrom && { ...modelFrom, inputSize: [96, 128] } }));
  await keeper.save();
  expect(disk.sessions.get('s')?.model).toMatchObject({ inputSize: [96, 128] });
  expect(failures).toEqual([]);
});

it('keeps a sample by its name, and guessed scaling as something to guess again', async () => {
  const { store, disk } = fakeStore();
  opened('lenet5', file('model.json', 'aa'));
  session.setState({ card: { id: 'lenet5' } as never, data: dataOf('unit', true), dataFrom: { files: [], sample: true } });
  await keeperOf(store).save();
  expect(disk.sessions.get('s')).toMatchObject({ model: { sample: 'lenet5' }, data: { files: null, preprocessing: null } });
  expect(disk.kept).toEqual([]);
});

it('keeps what a search tried and ended with, and shows it again', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  opened('net', file('model.json', 'aa'));
  await keeper.save();
  expect(disk.sessions.get('s')).not.toHaveProperty('search');
  const points = [{ id: 1, recipe: { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine', bits: 3 }] }, gzip: 9 }];
  searchStore.setState({ drop: 2, points: points as never, result: { points, picks: { compact: 1 } } as never });
  await keeper.save();
  const record = disk.sessions.get('s') as SessionRecord;
  const kept = JSON.parse(JSON.stringify(record)) as SessionRecord;
  expect(searchOfRecord(kept)).toMatchObject({ kind: 'accuracy', drop: 2, points, result: { picks: { compact: 1 } } });
  const damaged = { ...kept, search: { ...kept.search, result: { points: [{ recipe: 'none' }] } } } as never;
  expect(searchOfRecord(damaged)).toEqual({});
});

it('keeps how data is fed: what was chosen, and an order that was guessed as one', async () => {
  const { store, disk } = fakeStore();
  opened('net', file('model.json', 'aa'));
  const order = { outputs: [1, 0], by: 'guessed' };
  const fed = (guessed: boolean, by: string) =>
    ({ summary: { preprocessing: 'torch', guessed, fit: 'crop', channels: 'bgr', order: { ...order, by } } }) as never;
  const keeper = keeperOf(store);
  session.setState({ data: fed(false, 'guessed'), dataFrom: { files: [file('x.csv', 'cc')], sample: false } });
  await keeper.save();
  expect(disk.sessions.get('s')?.data).toMatchObject({ preprocessing: 'torch', feed: { fit: 'crop', channels: 'bgr', order } });
  session.setState({ data: fed(true, 'names') });
  await keeper.save();
  expect(disk.sessions.get('s')?.data).toMatchObject({ preprocessing: null, feed: {} });
  expect(disk.sessions.get('s')?.data?.feed).toEqual({});
});

it('forgets runs and bytes of the model before together with writing the next', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  opened('one', file('a.h5', 'aa'));
  runsStore.setState({ runs: [run(1), run(2)] });
  await keeper.save();
  opened('two', file('b.h5', 'bb'));
  runsStore.setState({ runs: [] });
  await keeper.save();
  expect(disk.sessions.get('s')?.name).toBe('two');
  expect(disk.runs.size).toBe(0);
  expect(disk.kept.map((hash) => hash.slice(0, 2))).toEqual(['bb']);
});

it('tells that there is no room, leaves the last good record, and goes on with a later save', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  opened('one', file('a.h5', 'aa'));
  await keeper.save();
  disk.room = 1;
  opened('two', file('b.h5', 'bb'));
  await keeper.save();
  expect(failures).toMatchObject([{ name: 'QuotaExceededError' }]);
  expect(disk.sessions.get('s')?.name).toBe('one');
  disk.room = 9;
  await keeper.save();
  expect(disk.sessions.get('s')?.name).toBe('two');
});

it('writes nothing while it is paused, and everything after a reset', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  opened('net', file('a.h5', 'aa'));
  keepStore.setState({ phase: 'paused' });
  await keeper.save();
  expect(disk.sessions.size).toBe(0);
  keepStore.setState({ phase: 'on' });
  await keeper.save();
  keeper.reset();
  disk.kept = [];
  await keeper.save();
  expect(disk.kept).toHaveLength(1);
});

it('keeps what runs trained, once, and nothing for the others', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  opened('net', file('a.h5', 'aa'));
  runsStore.setState({ runs: [run(1), run(2, { training: [] }), run(9, { training: [] })] });
  await keeper.save();
  await keeper.save();
  expect(disk.trained).toEqual([[2, 4]]);
});

it('does not write again what was just read from the device', async () => {
  const { store, disk } = fakeStore();
  const keeper = keeperOf(store);
  const [model, first] = [file('a.h5', 'aa'), run(1)];
  keeper.known(new Map([[model.blob, 'f'.repeat(64)]]), new Map([[1, first.report]]));
  opened('net', model);
  runsStore.setState({ runs: [first] });
  await keeper.save();
  expect([disk.kept, disk.runs.size]).toEqual([[], 0]);
  expect(disk.sessions.get('s')?.model).toMatchObject({ files: [{ hash: 'f'.repeat(64) }] });
});

it('brings runs back in order, without models, and refuses a recipe it can not read', () => {
  const record = (number: number, recipe: unknown) => ({ session: 's', number, key: 'k', recipe, report: {} }) as RunRecord;
  const good = { recipe: 1, seed: 7, steps: [] };
  expect(runsOfRecords([record(2, good), record(1, good)]).map(({ number, handle }) => [number, handle])).toEqual([
    [1, null],
    [2, null],
  ]);
  expect(() => runsOfRecords([record(1, { recipe: 9 })])).toThrow('recipe');
});

it('keeps what undo and redo walk, and takes a link’s recipe for an edit', () => {
  const recipeOf = (bits: number) => setBits(bits)({ recipe: 1, seed: 7, steps: [] });
  const [one, two, three] = [recipeOf(2), recipeOf(3), recipeOf(4)];
  const record = { recipe: two, past: [one], future: [three] } as unknown as SessionRecord;
  expect(editsOfRecord(record)).toEqual({ recipe: two, committed: two, past: [one], future: [three] });
  expect(withRecipe(record, two)).toEqual(record);
  expect(withRecipe(record, three)).toMatchObject({ recipe: three, past: [one, two], future: [] });
  expect(editsOfRecord({ ...record, past: [{ recipe: 9 } as never] }).past).toEqual([]);
});

it('knows which runs are new, and counts a file of two sessions once', () => {
  const [one, two] = [run(1), run(2)];
  expect(changedRuns([one, two], new Map([[1, one.report]]))).toEqual({ changed: [two], numbers: new Set([1, 2]) });
  const files = [{ path: 'a', hash: 'h', size: 1000 }];
  const kept = (id: string) => ({ id, model: { files, allowNonFinite: false }, data: null }) as unknown as SessionRecord;
  const records = [kept('a'), kept('b')];
  expect(bytesOf(records, []) - JSON.stringify([records, []]).length).toBe(1000);
});
