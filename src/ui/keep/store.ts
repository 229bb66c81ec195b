/** The device's storage as one thing: records, bytes and locks, so that what stands above it needs no browser. */
import { forgetBytes, keepBytes, keptBytes, sweepBytes } from './bytes.ts';
import { type Database, deleteDatabase, openDatabase } from './database.ts';
import { bytesOf, hashesOf, type RunRecord, type SessionRecord, type TrainedRecord } from './records.ts';

export interface Kept {
  readonly sessions: readonly SessionRecord[];
  /** Sessions that some tab has. */
  readonly held: ReadonlySet<string>;
}

export interface Store {
  all(): Promise<Kept>;
  runsOf(session: string): Promise<readonly RunRecord[]>;
  trainedOf(session: string): Promise<readonly TrainedRecord[]>;
  /** Bytes kept by all sessions. */
  used(): Promise<number>;
  bytes(hash: string): Promise<Blob>;
  /** Takes a session for as long as this tab lives; false where another tab has it. */
  take(session: string): Promise<boolean>;
  keep(blob: Blob): Promise<string>;
  write(
    session: SessionRecord,
    runs: readonly RunRecord[],
    numbers: ReadonlySet<number>,
    trained: readonly TrainedRecord[],
  ): Promise<void>;
  /** Removes sessions, and the bytes that no session needs any more. */
  sweep(sessions: readonly string[]): Promise<void>;
  forget(): Promise<void>;
  /** Runs a job while no other tab writes. */
  alone<T>(job: () => Promise<T>): Promise<T>;
}

const lockName = (session: string): string => `nutshell/session/${session}`;

/** Opens the device's storage. `onGone` is called when another tab forgets everything, or is of a newer version. Rejects where it is refused. */
export async function openStore(onGone: (deleted: boolean) => void): Promise<Store> {
  // Private windows refuse this; better said at once than with the first file.
  await navigator.storage.getDirectory();
  let db: Database | undefined = await openDatabase(onGone);
  const database = async () => {
    db ??= await openDatabase(onGone);
    return db;
  };
  const all = async (): Promise<Kept> => {
    const sessions = await (await database()).sessions();
    const { held = [] } = await navigator.locks.query();
    return {
      sessions,
      held: new Set(sessions.map(({ id }) => id).filter((id) => held.some(({ name }) => name === lockName(id)))),
    };
  };
  return {
    all,
    runsOf: async (session) => (await database()).runsOf(session),
    trainedOf: async (session) => (await database()).trainedOf(session),
    async used() {
      const base = await database();
      const sessions = await base.sessions();
      const runs = await Promise.all(sessions.map(({ id }) => base.runsOf(id)));
      return sessions.length === 0 ? 0 : bytesOf(sessions, runs.flat()) + (await base.trainedBytes());
    },
    bytes: keptBytes,
    take: (session) =>
      new Promise((resolve, reject) => {
        navigator.locks
          .request(lockName(session), { ifAvailable: true }, (lock) => {
            resolve(lock !== null);
            // The lock is let go of with the tab.
            return lock === null ? undefined : new Promise<never>(() => undefined);
          })
          .catch(reject);
      }),
    keep: keepBytes,
    write: async (...words) => (await database()).write(...words),
    async sweep(sessions) {
      const base = await database();
      for (const session of sessions) await base.remove(session);
      await sweepBytes(hashesOf(await base.sessions()));
    },
    async forget() {
      db?.close();
      db = undefined;
      await deleteDatabase();
      await forgetBytes();
    },
    alone: (job) => navigator.locks.request('nutshell/store', job),
  };
}
