/**
 * A table that lists pictures: a column of file names, a column of labels (RFC 4180 as `csv.ts` reads it). Names are paths from the table's own
 * folder, or paths from where the files were dropped, or file names that only one picture has. Rows keep their order. A table
 * of which no row names a picture is something else and is passed over.
 */
import { chooseLabel } from './csv-label.ts';
import { readCells, type Table, tableOf } from './csv-table.ts';
import { dataError } from './data-error.ts';
import { baseName, type DataOptions, type Part, pictureNames } from './reader.ts';

export interface PictureIndex {
  /** The table's name. */
  readonly name: string;
  readonly rows: readonly { readonly part: Part; readonly label: string | null }[];
  /** Every label of the table, those of missing pictures too: the numbers of classes must not depend on what is there. */
  readonly labels: ReadonlySet<string>;
  /** Names of the table that no picture has. */
  readonly missing: readonly string[];
  readonly named: number;
}

/** The index among some tables; of several the one for testing. Null where none of them lists these pictures. */
export async function readPictureIndex(
  tables: readonly Part[],
  pictures: readonly Part[],
  options: DataOptions,
): Promise<PictureIndex | null> {
  const found: PictureIndex[] = [];
  for (const table of tables) {
    const index = await indexOf(table, pictures, options);
    if (index !== null) found.push(index);
  }
  const [first, second] = found;
  const test = found.find(({ name }) => /test|val/i.test(name));
  if (second !== undefined && test === undefined) {
    throw dataError(
      'DATA_TABLES',
      'Several tables were dropped.',
      `${found.map(({ name }) => `"${name}"`).join(', ')} all list pictures.`,
      'Drop the one that lists the test samples.',
      { files: found.map(({ name }) => name) },
    );
  }
  return test ?? first ?? null;
}

async function indexOf(part: Part, pictures: readonly Part[], options: DataOptions): Promise<PictureIndex | null> {
  const name = baseName(part.path);
  const cells = await readCells(part, name);
  const column = fileColumn(cells);
  if (column < 0) return null;
  const table = withHeader(tableOf(cells, name), column);
  const answers = answerColumn(table, column, options.labelColumn, name);
  const find = finder(pictures, part.path.slice(0, part.path.length - name.length));
  const rows: { part: Part; label: string | null }[] = [];
  const missing: string[] = [];
  const labels = new Set<string>();
  for (const [index, row] of table.rows.entries()) {
    const file = row[column]?.trim() ?? '';
    const label = answers === null ? null : (row[answers]?.trim() ?? '');
    if (label === '') throw noLabel(name, file, index + table.firstLine);
    if (label !== null) labels.add(label);
    const picture = find(file);
    if (picture === undefined) missing.push(file);
    else rows.push({ part: picture, label });
  }
  if (rows.length === 0) return null;
  checkTwice(rows, name);
  return { name, rows, labels, missing, named: table.rows.length };
}

/** The first column of which most of the cells below the first line are names of pictures; −1 where there is none. */
function fileColumn(cells: readonly (readonly string[])[]): number {
  const sample = (cells.length > 1 ? cells.slice(1, 51) : cells) as readonly (readonly string[])[];
  const width = cells[0]?.length ?? 0;
  for (let column = 0; column < width; column++) {
    const named = sample.filter((row) => pictureNames.test(row[column]?.trim() ?? ''));
    if (named.length > sample.length / 2) return column;
  }
  return -1;
}

/** A first line that names a picture itself is no header, whatever it looks like. */
function withHeader(table: Table, column: number): Table {
  const { columns, rows } = table;
  if (!pictureNames.test(columns[column] ?? '')) return table;
  return { columns: columns.map((_, at) => `column ${at + 1}`), rows: [columns, ...rows], firstLine: 1 };
}

function answerColumn(table: Table, file: number, asked: string | undefined, name: string): number | null {
  if (asked !== undefined) return chooseLabel(table, asked, name);
  const others = table.columns.map((_, column) => column).filter((column) => column !== file);
  if (others.length < 2) return others[0] ?? null;
  const rows = table.rows.map((row) => others.map((column) => row[column] ?? ''));
  const chosen = chooseLabel({ ...table, columns: others.map((column) => table.columns[column] ?? ''), rows }, undefined, name);
  return chosen === null ? null : (others[chosen] ?? null);
}

function finder(pictures: readonly Part[], folder: string): (file: string) => Part | undefined {
  const byPath = new Map(pictures.map((part) => [part.path, part]));
  const byName = new Map<string, Part | null>();
  for (const part of pictures) {
    const name = baseName(part.path);
    byName.set(name, byName.has(name) ? null : part);
  }
  return (file) => {
    const path = file.replaceAll('\\', '/').replace(/^(\.?\/)+/, '');
    return byPath.get(folder + path) ?? byPath.get(path) ?? byName.get(baseName(path)) ?? undefined;
  };
}

function noLabel(name: string, file: string, line: number): Error {
  return dataError(
    'DATA_INDEX_LABEL',
    `A picture in "${name}" has no label.`,
    `Line ${line}, "${file}": the label is empty.`,
    'Fill it in or remove the line.',
    { file, line },
  );
}

/** One picture is of one class: a table of several labels per picture is refused, not counted wrong. */
function checkTwice(rows: PictureIndex['rows'], name: string): void {
  const labels = new Map<Part, string | null>();
  for (const { part, label } of rows) {
    const before = labels.get(part);
    if (before !== undefined && before !== label) {
      throw dataError(
        'DATA_INDEX_LABEL',
        `A picture in "${name}" has several labels.`,
        `"${part.path}" is "${before}" in one line and "${label}" in another.`,
        'Keep one line per picture: one class for each is what can be measured here.',
        { file: part.path },
      );
    }
    labels.set(part, label);
  }
}

/** Refuses an index that names pictures which are not there, and does not name those which are. */
export function indexMissing({ name, missing, named }: PictureIndex): Error {
  return dataError(
    'DATA_INDEX_MISSING',
    `Pictures that "${name}" names are missing.`,
    `${missing.length} of ${named} are not among the files, "${missing[0]}" first.`,
    'Drop the table together with the folder of all its pictures, or remove those lines.',
    { missing: missing.slice(0, 20), count: missing.length, named },
  );
}
