/**
 * What each group of channels loses alone, by share: a table that is a picture too. Darker is worse; the share that the recipe takes is
 * framed. One stop of the Tab key, arrow keys walk the cells, and a cell gives its group that share.
 */
import { useRef, useState } from 'react';
import type { ChannelCell } from '../../engine/search/channel-table.ts';
import * as numbers from '../i18n/numbers.ts';
import { channelsWords } from '../panels/channels-words.ts';

export interface HeatRow {
  readonly name: string;
  readonly channels: number;
  readonly cells: readonly ChannelCell[];
  /** Share that goes under the recipe, 0–1. */
  readonly taken: number;
}

interface Props {
  readonly rows: readonly HeatRow[];
  readonly shares: readonly number[];
  readonly onLook: (row: number) => void;
  readonly onTake: (row: number, share: number) => void;
}

/** So many points are as dark as it gets. */
const worst = 10;

export function ChannelHeat({ rows, shares, onLook, onTake }: Props) {
  const [at, setAt] = useState<readonly [row: number, column: number]>([0, 0]);
  const body = useRef<HTMLTableSectionElement>(null);
  const walk = (event: React.KeyboardEvent) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const row = clamp(at[0] + (step[0] ?? 0), rows.length);
    const column = clamp(at[1] + (step[1] ?? 0), shares.length);
    setAt([row, column]);
    body.current?.querySelectorAll('button')[row * shares.length + column]?.focus();
  };
  return (
    <div className="table-scroll">
      <table className="channel-heat" aria-label={channelsWords('table')}>
        <thead>
          <tr>
            <th scope="col">{channelsWords('group')}</th>
            {shares.map((share) => (
              <th key={share} scope="col">
                {numbers.setting(100 * share, 1)}
                <span className="percent">&nbsp;%</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={walk}>
          {rows.map((row, index) => (
            <tr key={row.name}>
              <th scope="row" translate="no" title={row.name}>
                {row.name} <small>{numbers.count(row.channels)}</small>
              </th>
              {shares.map((share, column) => (
                <td key={share}>
                  <Cell
                    row={row}
                    share={share}
                    taken={nearest(shares, row.taken) === share}
                    stop={at[0] === index && at[1] === column}
                    onFocus={() => {
                      setAt([index, column]);
                      onLook(index);
                    }}
                    onTake={() => onTake(index, share)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  readonly row: HeatRow;
  readonly share: number;
  readonly taken: boolean;
  readonly stop: boolean;
  readonly onFocus: () => void;
  readonly onTake: () => void;
}

function Cell({ row, share, taken, stop, onFocus, onTake }: CellProps) {
  const cell = row.cells.find((one) => one.share === share);
  const words = cell === undefined ? channelsWords('unknown') : channelsWords('loses', { points: pointsOf(cell.dropPoints) });
  const label = channelsWords('cell', { group: row.name, share: `${numbers.setting(100 * share, 1)}\u00a0%`, words });
  const heat = Math.max(0, Math.min(1, (cell?.dropPoints ?? 0) / worst));
  return (
    <button
      type="button"
      tabIndex={stop ? 0 : -1}
      aria-label={label}
      title={label}
      aria-pressed={taken}
      data-known={cell !== undefined}
      style={{ '--heat': heat } as React.CSSProperties}
      onFocus={onFocus}
      onClick={onTake}
    >
      {cell === undefined ? '·' : shortPoints(cell.dropPoints)}
    </button>
  );
}

/** Losses as they are said: `0.25`, gains with their sign. */
export const pointsOf = (points: number): string => numbers.decimal(Math.round(points * 100) / 100);

const shortPoints = (points: number): string =>
  numbers.decimal(Math.abs(points) < 9.95 ? Math.round(points * 10) / 10 : Math.round(points));

const clamp = (index: number, size: number): number => Math.max(0, Math.min(size - 1, index));

/** The share of the table that is next to what is taken; none where less than half of the first one is. */
function nearest(shares: readonly number[], taken: number): number | undefined {
  const closest = shares.toSorted((a, b) => Math.abs(a - taken) - Math.abs(b - taken))[0];
  return taken < (shares[0] ?? 0) / 2 ? undefined : closest;
}
