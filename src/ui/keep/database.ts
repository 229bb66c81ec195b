/** A small wrapper over IndexedDB: records of sessions, of their runs under [session, number], and what those trained under the same. */
import type { RunRecord, SessionRecord, TrainedRecord } from './records.ts';

const name = 'nutshell';
/** Counted up with every change of what a record holds; an older tab then stops writing. */
const version = 2;
/** Runs of a session whose trained results are kept: as many as the engine has at hand. */
const keptTrained = 4;

export interface Database {
  sessions(): Promise<SessionRecord[]>;
  runsOf(session: string): Promise<RunRecord[]>;
  trainedOf(session: string): Promise<TrainedRecord[]>;
  /** Bytes of all trained results of all sessions. */
  trainedBytes(): Promise<number>;
  /** Writes a session and its runs in one transaction; runs that it does not name are removed, and all but the last trained results. */
  write(
    session: SessionRecord,
    runs: readonly RunRecord[],
    kept: ReadonlySet<number>,
    trained: readonly TrainedRecord[],
  ): Promise<void>;
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

const numberOf = (key: IDBValidKey): number => (key as [string, number])[1];

const runsRange = (session: string): IDBKeyRange => IDBKeyRange.bound([session], [session, []]);

/** Opens the database; `onGone` is called when another tab deletes it, or opens a newer version of it. Rejects with VersionError where it is newer. */
export async function openDatabase(onGone: (deleted: boolean) => void): Promise<Database> {
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    const { result: base } = opening;
    if (!base.objectStoreNames.contains('sessions')) base.createObjectStore('sessions', { keyPath: 'id' });
    if (!base.objectStoreNames.contains('runs')) base.createObjectStore('runs', { keyPath: ['session', 'number'] });
    base.createObjectStore('trained', { keyPath: ['session', 'number'] }).createIndex('bytes', 'bytes');
  };
  const db = await asked(opening);
  db.onversionchange = (event) => {
    db.close();
    onGone(event.newVersion === null);
  };
  const all = () => db.transaction(['sessions', 'runs', 'trained'], 'readwrite');
  return {
    sessions: () => asked(db.transaction('sessions').objectStore('sessions').getAll()),
    runsOf: (session) => asked(db.transaction('runs').objectStore('runs').getAll(runsRange(session))),
    trainedOf: (session) => asked(db.transaction('trained').objectStore('trained').getAll(runsRange(session))),
    async trainedBytes() {
      // The index holds the sizes: no result is read to be counted.
      const sizes = db.transaction('trained').objectStore('trained').index('bytes');
      let sum = 0;
      await new Promise<void>((resolve, reject) => {
        const walk = sizes.openKeyCursor();
        walk.onerror = () => reject(walk.error);
        walk.onsuccess = () => {
          if (walk.result === null) return resolve();
          sum += Number(walk.result.key);
          walk.result.continue();
        };
      });
      return sum;
    },
    async write(session, runs, kept, trained) {
      const transaction = all();
      transaction.objectStore('sessions').put(session);
      const range = runsRange(session.id);
      const store = transaction.objectStore('runs');
      store.getAllKeys(range).onsuccess = ({ target }) => {
        for (const key of (target as IDBRequest<IDBValidKey[]>).result) if (!kept.has(numberOf(key))) store.delete(key);
        for (const run of runs) store.put(run);
      };
      const results = transaction.objectStore('trained');
      for (const one of trained) results.put(one);
      results.getAllKeys(range).onsuccess = ({ target }) => {
        const keys = (target as IDBRequest<IDBValidKey[]>).result;
        const lasting = keys.filter((key) => kept.has(numberOf(key))).slice(-keptTrained);
        for (const key of keys) if (!lasting.includes(key)) results.delete(key);
      };
      await done(transaction);
    },
    async remove(session) {
      const transaction = all();
      transaction.objectStore('sessions').delete(session);
      for (const name of ['runs', 'trained']) transaction.objectStore(name).delete(runsRange(session));
      await done(transaction);
    },
    close: () => db.close(),
  };
}

/** Deletes the database with everything in it; other tabs close their connections and stop writing. */
export async function deleteDatabase(): Promise<void> {
  await asked(indexedDB.deleteDatabase(name));
}
