/** Which session a tab has: the one it had before a reload, else the last model of the visitor's own, else a new one. One tab has one session. */
import type { Link } from '../state/link.ts';
import type { SessionRecord } from './records.ts';

export interface Claim {
  /** The session to bring back; null for a new one. */
  readonly id: string | null;
  /** True where another tab has what this one would have brought back. */
  readonly second: boolean;
}

interface Situation {
  /** The session this tab had, by its own memory: a reloaded tab's, or a duplicated tab's that another one holds. */
  readonly mine: string | null;
  readonly link: Pick<Link, 'sample'> | null;
  readonly records: readonly SessionRecord[];
  /** Sessions that other tabs have. */
  readonly held: ReadonlySet<string>;
}

const sampleOf = ({ model }: SessionRecord): string | null => ('sample' in model ? model.sample : null);

/** Decides without asking anybody; the caller then takes the lock. */
export function claim({ mine, link, records, held }: Situation): Claim {
  const own = records.find(({ id }) => id === mine);
  const newest = records.toSorted((a, b) => b.saved - a.saved)[0];
  if (own !== undefined) {
    // Another link in the same tab is another wish: what was open stays kept.
    const wanted = link === null || link.sample === sampleOf(own);
    if (wanted && !held.has(own.id)) return { id: own.id, second: false };
    return { id: null, second: wanted };
  }
  if (link !== null || newest === undefined) return { id: null, second: false };
  if (held.has(newest.id)) return { id: null, second: true };
  return { id: sampleOf(newest) === null ? newest.id : null, second: false };
}

/** Sessions kept at most; older ones that no tab has are given up. */
const most = 6;

/** The sessions that are to be given up. */
export function outlived(records: readonly SessionRecord[], held: ReadonlySet<string>): readonly string[] {
  return records
    .toSorted((a, b) => b.saved - a.saved)
    .slice(most)
    .map(({ id }) => id)
    .filter((id) => !held.has(id));
}
