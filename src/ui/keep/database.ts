/** A small wrapper over IndexedDB: records of sessions, and of their runs under [session, number]. */
import type { RunRecord, SessionRecord } from './records.ts';

const name = 'nutshell';
/** Counted up with every change of what a record holds; an older tab then stops writing. */
const version = 1;

export interface Database {
  sessions(): Promise<SessionRecord[]>;
  runsOf(session: string): Promise<RunRecord[]>;
  /** Writes a session and its runs in one transaction; runs that it does not name are removed. */
  write(session: SessionRecord, runs: readonly RunRecord[], kept: ReadonlySet<number>): Promise<void>;
  remove(session: string): Promise<void>;
  close(): void;
}

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const done = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

const runsRange = (session: string): IDBKeyRange => IDBKeyRange.bound([session], [session, []]);

/** Opens the database; `onGone` is called when another tab deletes it, or opens a newer version of it. Rejects with VersionError where it is newer. */
export async function openDatabase(onGone: (deleted: boolean) => void): Promise<Database> {
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('sessions', { keyPath: 'id' });
    opening.result.createObjectStore('runs', { keyPath: ['session', 'number'] });
  };
  const db = await asked(opening);
  db.onversionchange = (event) => {
    db.close();
    onGone(event.newVersion === null);
  };
  const both = () => db.transaction(['sessions', 'runs'], 'readwrite');
  return {
    sessions: () => asked(db.transaction('sessions').objectStore('sessions').getAll()),
    runsOf: (session) => asked(db.transaction('runs').objectStore('runs').getAll(runsRange(session))),
    async write(session, runs, kept) {
      const transaction = both();
      transaction.objectStore('sessions').put(session);
      const store = transaction.objectStore('runs');
      const walk = store.openKeyCursor(runsRange(session.id));
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (cursor === null) {
          for (const run of runs) store.put(run);
          return;
        }
        const [, number] = cursor.primaryKey as [string, number];
        if (!kept.has(number)) store.delete(cursor.primaryKey);
        cursor.continue();
      };
      await done(transaction);
    },
    async remove(session) {
      const transaction = both();
      transaction.objectStore('sessions').delete(session);
      transaction.objectStore('runs').delete(runsRange(session));
      await done(transaction);
    },
    close: () => db.close(),
  };
}

/** Deletes the database with everything in it; other tabs close their connections and stop writing. */
export async function deleteDatabase(): Promise<void> {
  await asked(indexedDB.deleteDatabase(name));
}
