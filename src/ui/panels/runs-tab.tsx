/**
 * Every run a row, told against a baseline that anybody can choose. A row under the pointer, or with the focus, lights its dot in the
 * chart and puts its answers on the wall; two chosen rows are compared.
 */
import '../styles/runs.css';
import { useEffect, useMemo, useState } from 'react';
import { runName } from '../i18n/wall-words.ts';
import { type Sort, SortHead, sortRows } from '../parts/sort.tsx';
import { qualityOfRuns } from '../state/figures.ts';
import { type RunRow, runRows } from '../state/run-rows.ts';
import { runsStore, useRuns } from '../state/runs.ts';
import { RunsCompare } from './runs-compare.tsx';
import { columnsOf, RunTableRow } from './runs-row.tsx';
import { runsWords } from './runs-words.ts';

export function RunsTab() {
  const runs = useRuns((state) => state.runs);
  const pinned = useRuns((state) => state.pinned);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [comparing, setComparing] = useState(false);
  const rows = useMemo(() => runRows(runs, pinned), [runs, pinned]);
  const pair = rows.filter((row) => chosen.includes(row.number));
  const [from, to] = pair;
  useEffect(() => () => runsStore.setState({ lit: null }), []);
  if (rows.length === 0) return <p className="quiet-text runs-line">{runsWords('none')}</p>;
  if (comparing && from !== undefined && to !== undefined) {
    return <RunsCompare from={from} to={to} onBack={() => setComparing(false)} />;
  }
  const choose = (number: number) =>
    setChosen(chosen.includes(number) ? chosen.filter((one) => one !== number) : [...chosen.slice(-1), number]);
  return (
    <>
      <div className="runs-line">
        <p className="quiet-text">{runsWords('baseline.is', { run: runName(pinned) })}</p>
        <span className="spacer" />
        {from === undefined || to === undefined ? (
          <p className="quiet-text">{runsWords('choose.two')}</p>
        ) : (
          <button type="button" className="button plain" onClick={() => setComparing(true)}>
            {runsWords('compare', { from: runName(from.number), to: runName(to.number) })}
          </button>
        )}
      </div>
      <RunsTable rows={rows} pinned={pinned} quality={qualityOfRuns(runs)} chosen={chosen} onChoose={choose} />
    </>
  );
}

interface TableProps {
  readonly rows: readonly RunRow[];
  readonly pinned: number;
  readonly quality: string;
  readonly chosen: readonly number[];
  readonly onChoose: (number: number) => void;
}

function RunsTable({ rows, pinned, quality, chosen, onChoose }: TableProps) {
  const [sort, setSort] = useState<Sort | null>(null);
  const columns = columnsOf(quality);
  const [baseline] = rows;
  // The baseline stands first whatever the others are sorted by.
  const others = sortRows(rows.slice(1), columns.find(({ id }) => id === sort?.column)?.by, sort);
  const shown = baseline === undefined ? [] : [baseline, ...others];
  return (
    <div className="table-scroll">
      <table className="runs-table" aria-label={runsWords('table')}>
        <thead>
          <tr>
            <th scope="col" data-column="choose">
              <span className="visually-hidden">{runsWords('column.choose')}</span>
            </th>
            {columns.map(({ id, title, help, number, down = true }) => (
              <SortHead key={id} {...{ id, title: title(), help: help(), number, down, sort }} onSort={setSort} />
            ))}
            <th scope="col" data-column="actions">
              <span className="visually-hidden">{runsWords('column.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={walk}>
          {baseline !== undefined &&
            shown.map((row) => (
              <RunTableRow
                key={row.number}
                row={row}
                baseline={baseline}
                pinned={row.number === pinned}
                quality={quality}
                chosen={chosen.includes(row.number)}
                onChoose={onChoose}
              />
            ))}
        </tbody>
      </table>
    </div>
  );
}

/** Arrow keys walk the rows by their names. */
function walk(event: React.KeyboardEvent<HTMLTableSectionElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const names = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('.run-name')];
  const at = names.findIndex((name) => name.closest('tr')?.contains(document.activeElement));
  const next = names[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
