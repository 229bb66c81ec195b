/**
 * Keeps this tab's session: every change is written soon, a finished run at once, one write after the other. What can't be kept is
 * said and stays open; nothing is ever taken out of view.
 */
import type { Report } from '../../engine/report.ts';
import type { DroppedFile } from '../../workers/api.ts';
import { keepStore } from '../state/keep.ts';
import { recipeStore } from '../state/recipe.ts';
import { type Run, runsStore } from '../state/runs.ts';
import { searchStore } from '../state/search.ts';
import { type Session, session } from '../state/session.ts';
import { changedRuns, ownFiles, recordOf, runRecord, type TrainedRecord } from './records.ts';
import type { Store } from './store.ts';

/** A drag of several dials is one write, ms. */
const delay = 300;

export interface Keeper {
  /** Tells what lies on the device already, because it was read from there. */
  known(hashes: ReadonlyMap<Blob, string>, reports: ReadonlyMap<number, Report>): void;
  /** Writes the session as it is now. */
  save(): Promise<void>;
  /** What was written is gone: the next save writes everything. */
  reset(): void;
  /** Saves whatever changes from now on. */
  follow(): void;
}

const isSame = (now: Session, before: Session): boolean =>
  now.model === before.model && now.data === before.data && now.dataFrom === before.dataFrom;

/** A keeper for the session of this id; `onFailure` is told why a write failed, `trainedBy` gives what a run trained. */
export function createKeeper(
  store: Store,
  id: string,
  onFailure: (thrown: unknown) => void,
  trainedBy: (run: Run) => Promise<Omit<TrainedRecord, 'session' | 'number'>>,
  now = Date.now,
): Keeper {
  let kept = new WeakMap<Blob, string>();
  let written: ReadonlyMap<number, Report> = new Map();
  let hashes = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last: Promise<void> = Promise.resolve();

  async function keep({ blob }: DroppedFile): Promise<void> {
    if (!kept.has(blob)) kept.set(blob, await store.keep(blob));
  }

  function hashOf({ path, blob }: DroppedFile): string {
    const hash = kept.get(blob);
    if (hash === undefined) throw new Error(`"${path}" was not kept.`);
    return hash;
  }

  async function write(): Promise<void> {
    const state = session.getState();
    if (keepStore.getState().phase !== 'on' || state.model === null) return;
    for (const file of ownFiles(state)) await keep(file);
    // Files take their time: what was opened meanwhile has its own save coming.
    if (!isSame(session.getState(), state) || keepStore.getState().phase !== 'on') return;
    const { runs, pinned } = runsStore.getState();
    const [edits, search] = [recipeStore.getState(), searchStore.getState()];
    const record = recordOf(id, now(), { session: state, edits, runs: runs.length, pinned, search }, hashOf);
    if (record === null) return;
    const { changed, numbers } = changedRuns(runs, written);
    const records = changed.map((run) => runRecord(id, run));
    const trained: TrainedRecord[] = [];
    for (const run of changed.filter(({ report, handle }) => report.training !== undefined && handle !== null)) {
      trained.push({ session: id, number: run.number, ...(await trainedBy(run)) });
    }
    await store.write(
      record,
      records,
      numbers,
      trained.filter(({ steps }) => steps.length > 0),
    );
    written = new Map(runs.map((run) => [run.number, run.report]));
    const needed = ownFiles(state).map(hashOf).join();
    if (needed !== hashes) await store.sweep([]);
    hashes = needed;
  }

  function save(): Promise<void> {
    clearTimeout(timer);
    // Another tab must not sweep bytes away between their writing and the record that needs them.
    last = last.then(() => store.alone(write)).catch(onFailure);
    return last;
  }

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  return {
    known(blobs, reports) {
      for (const [blob, hash] of blobs) kept.set(blob, hash);
      written = reports;
      hashes = [...blobs.values()].join();
    },
    save,
    reset() {
      kept = new WeakMap();
      written = new Map();
      hashes = '';
    },
    follow() {
      recipeStore.subscribe(({ committed }, before) => committed !== before.committed && soon());
      runsStore.subscribe(({ runs, pinned }, before) => {
        if (pinned !== before.pinned) soon();
        if (runs === before.runs) return;
        // An emptied list belongs to a change of model or data, which is written as a whole.
        if (runs.length === 0) soon();
        else void save();
      });
      searchStore.subscribe(({ result }, before) => result !== before.result && soon());
      session.subscribe((state, before) => !isSame(state, before) && soon());
    },
  };
}
