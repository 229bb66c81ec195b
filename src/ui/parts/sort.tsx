/** Tables that sort by their heads: the first click sorts, the second turns it round, the third returns to the rows' own order. */
import { Icon } from './icon.tsx';

export interface Sort {
  readonly column: string;
  readonly down: boolean;
}

/** Rows in the order of a value; those without one stay at the end in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  by: ((row: Row) => number | string | undefined) | undefined,
  sort: Sort | null,
): readonly Row[] {
  if (by === undefined || sort === null) return rows;
  const direction = sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    return direction * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y)));
  });
}

interface HeadProps {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly number?: boolean | undefined;
  /** True where the first click sorts downwards, as numbers are looked at. */
  readonly down: boolean;
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort | null) => void;
}

export function SortHead({ id, title, help, number, down, sort, onSort }: HeadProps) {
  const mine = sort?.column === id ? sort : null;
  const next = mine === null ? { column: id, down } : mine.down === down ? { column: id, down: !down } : null;
  return (
    <th
      scope="col"
      className={number ? 'number' : undefined}
      data-column={id}
      aria-sort={mine === null ? 'none' : mine.down ? 'descending' : 'ascending'}
    >
      <button type="button" title={help} onClick={() => onSort(next)}>
        {title}
        {mine && <Icon name={mine.down ? 'down' : 'up'} />}
      </button>
    </th>
  );
}
