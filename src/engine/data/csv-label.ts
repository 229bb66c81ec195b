/** Which column of a table is the answer. */
import type { Table } from './csv-table.ts';
import { dataError } from './data-error.ts';

const tellingNames = ['label', 'labels', 'class', 'classes', 'species', 'target', 'category', 'variety', 'y'];

/** The index of the label column; null where the table has a single column. Throws DATA_LABEL_COLUMN for a name it does not have. */
export function chooseLabel(table: Table, asked: string | undefined, name: string): number | null {
  const { columns } = table;
  if (asked !== undefined) return askedColumn(columns, asked, name);
  if (columns.length < 2) return null;
  const named = columns.findIndex((column) => tellingNames.includes(column.toLowerCase()));
  if (named >= 0) return named;
  const text = columns.findLastIndex((_, column) => isClassText(table, column));
  if (text >= 0) return text;
  const last = columns.length - 1;
  return !isConstant(table, last) || isConstant(table, 0) ? last : 0;
}

function askedColumn(columns: readonly string[], asked: string, name: string): number {
  const exact = columns.indexOf(asked);
  const loose = exact >= 0 ? exact : columns.findIndex((column) => column.toLowerCase() === asked.trim().toLowerCase());
  const index = loose >= 0 ? loose : /^\d+$/.test(asked) ? Number(asked) - 1 : -1;
  if (index >= 0 && index < columns.length) return index;
  throw dataError(
    'DATA_LABEL_COLUMN',
    `The table "${name}" has no column "${asked}".`,
    `Its columns are ${columns
      .slice(0, 40)
      .map((column) => `"${column}"`)
      .join(', ')}${columns.length > 40 ? ` and ${columns.length - 40} more` : ''}.`,
    'Choose one of them, or give its number counted from 1.',
    { asked, columns: columns.slice(0, 40) },
  );
}

/** Text that repeats, as class names do; dates and names of samples do not. */
function isClassText({ rows }: Table, column: number): boolean {
  const cells = new Set(rows.map((row) => row[column]?.trim() ?? ''));
  const textual = [...cells].some((cell) => cell !== '' && Number.isNaN(Number(cell)));
  return textual && cells.size <= Math.max(2, rows.length / 2);
}

function isConstant({ rows }: Table, column: number): boolean {
  return rows.every((row) => row[column] === rows[0]?.[column]);
}
