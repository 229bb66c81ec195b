/** Keeping the session of this tab on the device: what it begins with, what becomes of it, and forgetting it all. */
import { StudioError } from '../../engine/errors.ts';
import type { SampleCard } from '../../workers/api.ts';
import { pageProblem } from '../i18n/engine-words.ts';
import { engine } from '../state/engine.ts';
import { keepStore } from '../state/keep.ts';
import type { Link } from '../state/link.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import type { Run } from '../state/runs.ts';
import { session } from '../state/session.ts';
import { toast } from '../state/toast.ts';
import { claim, outlived } from './claim.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { type SessionRecord, withRecipe } from './records.ts';
import { restore } from './restore.ts';
import { type Kept, openStore, type Store } from './store.ts';

/** This tab's session, remembered by the tab itself: it outlives a reload. */
const mineKey = 'nutshell/session';
/** Set while what is to be forgotten could still be brought back: a tab that is closed meanwhile must not keep it. */
const forgetKey = 'nutshell/forget';

interface Open {
  readonly store: Store;
  readonly keeper: Keeper;
  readonly id: string;
}

let open: Open | undefined;
/** True after a write that found no room: another model is another attempt. */
let full = false;

/** Begins to keep this tab's session; true where it brought one back. Without storage the page goes on, and says so. */
export async function startKeeping(link: Link | null, cards: readonly SampleCard[]): Promise<boolean> {
  try {
    const store = await openStore(gone);
    if (localStorage.getItem(forgetKey) !== null) await forgetNow(store);
    const { id, record } = await takeSession(store, link);
    open = { store, keeper: createKeeper(store, id, failed, trainedBy), id };
    const wished = record && link ? withRecipe(record, link.recipe) : record;
    const restored = wished !== undefined && (await bringBack(open, wished, cards));
    if (keepStore.getState().phase !== 'off') keepStore.setState({ phase: 'on' });
    open.keeper.follow();
    session.subscribe((now, before) => now.modelFrom !== before.modelFrom && resume());
    void open.keeper.save();
    return restored;
  } catch (thrown) {
    failed(thrown);
    return false;
  }
}

/** Bytes of what one run trained, beyond which it is not kept: it would fill the device. */
const trainedLimit = 64 * 2 ** 20;

/** What a run trained; nothing where the engine has let go of it meanwhile. */
const trainedBy = ({ handle }: Run) =>
  handle === null
    ? nothingTrained
    : engine()
        .trainedSteps(handle, trainedLimit)
        .catch(() => nothingTrained);
const nothingTrained = Promise.resolve({ bytes: 0, steps: [] });

async function takeSession(store: Store, link: Link | null): Promise<{ id: string; record?: SessionRecord }> {
  const mine = sessionStorage.getItem(mineKey);
  const { sessions, held } = await settled(store, mine);
  const wanted = claim({ mine, link, records: sessions, held });
  const record = sessions.find(({ id }) => id === wanted.id);
  const taken = record !== undefined && (await store.take(record.id));
  const id = taken ? record.id : crypto.randomUUID();
  if (!taken) await store.take(id);
  sessionStorage.setItem(mineKey, id);
  keepStore.setState({ second: wanted.second || (record !== undefined && !taken) });
  const old = outlived(sessions, new Set([...held, id]));
  if (old.length > 0) await store.alone(() => store.sweep(old));
  return taken ? { id, record } : { id };
}

/** What is kept; a reloaded page may be still letting go of its session, which takes a moment. */
async function settled(store: Store, mine: string | null): Promise<Kept> {
  for (let wait = 0; ; wait += 50) {
    const kept = await store.all();
    if (mine === null || !kept.held.has(mine) || wait > 500) return kept;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function bringBack({ store, keeper }: Open, record: SessionRecord, cards: readonly SampleCard[]): Promise<boolean> {
  keepStore.setState({ phase: 'restoring' });
  try {
    const found = await restore(store, record, cards);
    if (found !== null) keeper.known(found.hashes, found.reports);
    return found !== null;
  } catch (thrown) {
    showProblem('open', new StudioError(pageProblem('KEEP_LOST', {}, `${record.name}: ${reasonOf(thrown)}`)));
    return false;
  }
}

/** Another model was opened: what was forgotten, or found no room, is behind. */
function resume(): void {
  if (keepStore.getState().phase !== 'paused' && !full) return;
  full = false;
  clearProblem('keep');
  keepStore.setState({ phase: 'on' });
}

function failed(thrown: unknown): void {
  const name = thrown instanceof DOMException ? thrown.name : '';
  full = name === 'QuotaExceededError';
  const code = full ? 'KEEP_FULL' : name === 'VersionError' ? 'KEEP_NEWER' : 'KEEP_REFUSED';
  keepStore.setState({ phase: 'off' });
  showProblem('keep', new StudioError(pageProblem(code, {}, reasonOf(thrown))));
}

/** Another tab deleted everything, or is of a newer version. */
function gone(deleted: boolean): void {
  if (deleted) {
    open?.keeper.reset();
    keepStore.setState({ phase: 'paused', used: 0, earlier: [] });
    return;
  }
  keepStore.setState({ phase: 'off' });
  showProblem('keep', new StudioError(pageProblem('KEEP_NEWER')));
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Reads anew how much is kept, and by which sessions. */
export async function refreshKept(): Promise<void> {
  if (open === undefined || keepStore.getState().phase === 'paused') return;
  const { store, id } = open;
  try {
    const { sessions, held } = await store.all();
    const earlier = sessions.filter((one) => one.id !== id && !held.has(one.id)).toSorted((a, b) => b.saved - a.saved);
    keepStore.setState({ used: await store.used(), earlier });
  } catch (thrown) {
    failed(thrown);
  }
}

/** Goes to another kept session; the one in view stays kept. */
export async function openKept(id: string): Promise<void> {
  await open?.keeper.save();
  sessionStorage.setItem(mineKey, id);
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  window.location.reload();
}

/** Forgets everything that is kept. For as long as the notice stays that can be undone; what is open stays open. */
export function forgetEverything(): void {
  if (open === undefined) return;
  const { store, keeper } = open;
  const before = keepStore.getState();
  localStorage.setItem(forgetKey, '1');
  clearProblem('keep');
  keepStore.setState({ phase: 'paused', used: 0, earlier: [] });
  toast({
    key: 'keep.forgotten',
    undo: () => {
      localStorage.removeItem(forgetKey);
      keepStore.setState({ ...before, phase: 'on' });
      void keeper.save();
    },
    settle: () => {
      keeper.reset();
      store.alone(() => forgetNow(store)).catch(failed);
    },
  });
}

async function forgetNow(store: Store): Promise<void> {
  await store.forget();
  localStorage.removeItem(forgetKey);
}
