/** The rows and columns of a CSV once its first line is understood: a header, scikit-learn's summary, or data. */
import Papa from 'papaparse';
import { dataError } from './data-error.ts';
import type { Part } from './reader.ts';

/** The largest table that is opened, bytes of text; its cells take several times that while they are read. */
const maximumBytes = 2 ** 28;

export interface Table {
  /** Names, or `column 1`, `column 2` … where the file names none. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line of the first row, counted from 1. */
  readonly firstLine: number;
  /** From scikit-learn's first line. */
  readonly classNames?: readonly string[];
}

/** The cells of a table, empty lines left out. Throws DATA_TOO_LARGE or DATA_CSV naming the line. */
export async function readCells(part: Part, name: string): Promise<string[][]> {
  const bytes = await part.bytes();
  if (bytes.length > maximumBytes) {
    throw dataError(
      'DATA_TOO_LARGE',
      `The table "${name}" is too large.`,
      `It has ${bytes.length} bytes; up to ${maximumBytes} are read.`,
      'Save it as .npz with numpy.savez, or keep fewer rows.',
      { bytes: bytes.length },
    );
  }
  const text = new TextDecoder().decode(bytes);
  const { data, errors } = Papa.parse(text, { skipEmptyLines: 'greedy', delimitersToGuess: [',', ';', '\t', '|'] });
  const broken = errors.find(({ type }) => type === 'Quotes');
  if (broken) {
    throw dataError(
      'DATA_CSV',
      `The table "${name}" can not be read.`,
      `Line ${(broken.row ?? 0) + 1}: ${broken.message}.`,
      'Repair the quotation marks and save it again.',
      { line: (broken.row ?? 0) + 1 },
    );
  }
  return data;
}

/** A rectangular table. Throws DATA_CSV naming the first line whose number of cells differs. */
export function tableOf(cells: readonly (readonly string[])[], name: string): Table {
  const [first = [], ...rest] = cells;
  const summary = scikitSummary(first, rest);
  if (summary) return summary;
  const header = isHeader(first, rest);
  const rows = header ? rest : cells;
  const width = first.length;
  const odd = rows.findIndex((row) => row.length !== width);
  if (odd >= 0) {
    const line = odd + (header ? 2 : 1);
    throw dataError(
      'DATA_CSV',
      `The table "${name}" is not rectangular.`,
      `Line ${line} has ${rows[odd]?.length} cells where the first has ${width}.`,
      'Repair that line and save it again.',
      { line },
    );
  }
  const columns = first.map((cell, column) => (header ? cell.trim() : `column ${column + 1}`));
  return { columns, rows, firstLine: header ? 2 : 1 };
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && cell.trim() !== '' && !Number.isNaN(Number(cell));
}

/** scikit-learn's bundled tables begin `rows,features,name of class 0,name of class 1…`. */
function scikitSummary(first: readonly string[], rest: readonly (readonly string[])[]): Table | null {
  const [rows, features, ...classNames] = first;
  const width = Number(features) + 1;
  if (Number(rows) !== rest.length || classNames.length === 0 || classNames.every(isNumber)) return null;
  if (!rest.every((row) => row.length === width)) return null;
  return { columns: Array.from({ length: width }, (_, column) => `column ${column + 1}`), rows: rest, firstLine: 2, classNames };
}

/** A first line is a header where it has text above numbers, or where it is all text and none of it comes again below. */
function isHeader(first: readonly string[], rest: readonly (readonly string[])[]): boolean {
  const sample = rest.slice(0, 50);
  if (sample.length === 0 || first.every(isNumber)) return false;
  const aboveNumbers = first.some((cell, column) => !isNumber(cell) && sample.every((row) => isNumber(row[column])));
  return aboveNumbers || first.every((cell, column) => !isNumber(cell) && sample.every((row) => row[column] !== cell));
}
