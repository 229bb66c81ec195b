/** Opens what a record describes: the model, its data, the recipe, and the runs as they were reported. */
import type { Report } from '../../engine/report.ts';
import type { DroppedFile, SampleCard } from '../../workers/api.ts';
import { arrangeData, dropData, openData, openModel } from '../flows/open.ts';
import { openSample } from '../flows/samples.ts';
import { measureSizes } from '../flows/sizes.ts';
import { trainingData } from '../flows/training-data.ts';
import { engine } from '../state/engine.ts';
import { recipeKey, recipeStore } from '../state/recipe.ts';
import { type Run, runsStore } from '../state/runs.ts';
import { searchStore } from '../state/search.ts';
import { session } from '../state/session.ts';
import {
  editsOfRecord,
  type KeptFile,
  runsOfRecords,
  type SessionRecord,
  searchOfRecord,
  type TrainedRecord,
} from './records.ts';
import type { Store } from './store.ts';

export interface Restored {
  /** What each opened file is kept as. */
  readonly hashes: ReadonlyMap<Blob, string>;
  readonly reports: ReadonlyMap<number, Report>;
}

const isUntouched = (): boolean => session.getState().opening === null && session.getState().model === null;

/** Brings a session back; null where something else was opened meanwhile. Rejects where its files can't be read. */
export async function restore(store: Store, record: SessionRecord, cards: readonly SampleCard[]): Promise<Restored | null> {
  const hashes = new Map<Blob, string>();
  const read = async (files: readonly KeptFile[]): Promise<DroppedFile[]> => {
    const found: DroppedFile[] = [];
    for (const { path, hash } of files) {
      const blob = await store.bytes(hash);
      hashes.set(blob, hash);
      found.push({ path, blob });
    }
    return found;
  };
  const runs = runsOfRecords(await store.runsOf(record.id));
  const model = 'files' in record.model ? await read(record.model.files) : null;
  const data = record.data?.files ? await read(record.data.files) : null;
  if (!isUntouched() || !(await openRecordedModel(record, model, cards))) return null;
  const opened = session.getState().model;
  await openRecordedData(record, data);
  const state = session.getState();
  // Runs belong to their model and data: with others they would be wrong.
  if (state.model?.handle !== opened?.handle || (record.data === null) !== (state.data === null)) return null;
  if (recipeKey(recipeStore.getState().committed) === recipeKey(record.recipe)) recipeStore.setState(editsOfRecord(record));
  runsStore.getState().running?.cancel();
  runsStore.setState({ runs, pinned: runs.some(({ number }) => number === record.pinned) ? (record.pinned ?? 0) : 0 });
  searchStore.setState(searchOfRecord(record));
  await bringBackTrained(await store.trainedOf(record.id), runs);
  return { hashes, reports: new Map(runs.map(({ number, report }) => [number, report])) };
}

/** Gives the engine what runs of earlier visits trained; without it they can still be run again. */
async function bringBackTrained(records: readonly TrainedRecord[], runs: readonly Run[]): Promise<void> {
  const { model, data } = session.getState();
  if (records.length === 0 || model === null) return;
  const training = await trainingData().catch(() => null);
  for (const { number, steps } of records) {
    const recipe = runs.find((run) => run.number === number)?.recipe;
    const job = { model: model.handle, data: data?.handle ?? null, training };
    if (recipe !== undefined) await engine().adoptTrained({ ...job, recipe }, steps);
  }
  // Sizes in view were told without it.
  void measureSizes(recipeStore.getState().committed);
}

async function openRecordedModel(
  { model, recipe }: SessionRecord,
  files: readonly DroppedFile[] | null,
  cards: readonly SampleCard[],
): Promise<boolean> {
  if ('files' in model) {
    const { inputSize } = model;
    return openModel(files ?? [], { allowNonFinite: model.allowNonFinite, ...(inputSize && { inputSize }), recipe, alone: true });
  }
  const card = cards.find(({ id }) => id === model.sample);
  if (card === undefined) return false;
  await openSample(card, recipe);
  return session.getState().card === card;
}

async function openRecordedData({ data }: SessionRecord, files: readonly DroppedFile[] | null): Promise<void> {
  if (data === null) {
    if (session.getState().data !== null) dropData();
    return;
  }
  const { preprocessing, feed = {} } = data;
  const wanted = { ...(preprocessing !== null && { preprocessing }), ...feed };
  if (files !== null) return openData(files, wanted);
  // A sample has opened its own data by itself.
  const summary = session.getState().data?.summary;
  const same = preprocessing === null || preprocessing === summary?.preprocessing;
  if (
    same &&
    feed.order === undefined &&
    (feed.fit ?? summary?.fit) === summary?.fit &&
    (feed.channels ?? summary?.channels) === summary?.channels
  )
    return;
  await arrangeData(wanted);
}
