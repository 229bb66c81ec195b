/** Words and figures for a terminal: tables, sizes, counts and one line of progress. */
import type { Progress } from '../engine/context.ts';
import type { Shape } from '../engine/model/model.ts';

/** What a command came to, for machines and for people. */
export interface Result {
  readonly json: unknown;
  readonly text: string;
}

/** `1,234`; an unknown count is a dash. */
export function count(n: number | null): string {
  return n === null ? '–' : n.toLocaleString('en-GB');
}

/** Decimal units, three significant digits: `96.3 kB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const [value, unit] = n < 1e6 ? [n / 1e3, 'kB'] : [n / 1e6, 'MB'];
  return `${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
}

/** A fraction as per cent, two decimals. */
export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(2)} %`;
}

/** `28×28×1`, a question mark where a size is open. */
export function shape(sizes: Shape): string {
  return sizes.map((size) => size ?? '?').join('×');
}

/** Rows under headings, columns padded; a column whose cells all look like figures is aligned right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[\d,.–%x ]*( [kM]?B)?$/.test(row[column] ?? '')),
  );
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => (right[c] ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)].join('\n');
}

/** Draws progress over itself on a screen, at most ten times a second; says nothing where standard error is a file. */
export function progressLine(terminal: { readonly tell: (text: string) => void; readonly interactive: boolean }): {
  readonly show: (progress: Progress) => void;
  readonly clear: () => void;
} {
  let last = 0;
  return {
    show({ stage, done, total }) {
      const now = performance.now();
      if (!terminal.interactive || now - last < 100) return;
      last = now;
      terminal.tell(`\r\u001b[K${stage} ${count(done)} / ${count(total)}`);
    },
    clear() {
      if (last > 0) terminal.tell('\r\u001b[K');
      last = 0;
    },
  };
}
