/**
 * Tables from CSV text (RFC 4180 and its relatives: comma, semicolon, tab or bar; papaparse splits the cells). The first line may name the
 * columns, or be scikit-learn's `rows,columns,class names…`. The label is the column asked for, else one with a telling name, else the
 * last text column, else the last column that can be one (MNIST tables have it first). Nothing is imputed and no text is encoded:
 * a missing or textual feature is refused by row and column. A running number (`id`, `index` or no name) is left out.
 */
import { numberAnswers } from './answers.ts';
import { type Answers, arrayDataset, emptyData } from './array-dataset.ts';
import { chooseLabel } from './csv-label.ts';
import { readCells, type Table, tableOf } from './csv-table.ts';
import { dataError } from './data-error.ts';
import { baseName, type DataReader, type Part } from './reader.ts';

export const csvReader: DataReader = {
  id: 'csv',
  title: 'CSV table',
  extensions: ['.csv', '.tsv', '.txt', '.csv.gz'],
  async read(parts, options) {
    const part = chooseTable(parts);
    const base = baseName(part.path);
    const table = tableOf(await readCells(part, base), base);
    if (table.rows.length === 0) throw emptyData(base);
    const label = chooseLabel(table, options.labelColumn, base);
    const columns = table.columns
      .map((_, column) => column)
      .filter((column) => column !== label && !isRunningNumber(table, column));
    if (columns.length === 0) throw noFeatures(table, base);
    return arrayDataset({
      name: options.name,
      kind: 'table',
      sampleShape: [columns.length],
      values: features(table, columns, base),
      ...(table.columns.some((name) => name !== '') && { featureNames: columns.map((column) => table.columns[column] ?? '') }),
      ...answersOf(table, label, base),
    });
  },
};

function chooseTable(parts: readonly Part[]): Part {
  const named = parts.filter(({ path }) => /\.(csv|tsv)$/i.test(path));
  const [only, second] = named.length > 0 ? named : parts;
  if (only && !second) return only;
  throw dataError(
    'DATA_TABLES',
    'Several tables were dropped.',
    `${parts.map(({ path }) => `"${path}"`).join(', ')} can not be read as one.`,
    'Drop the one that holds the test samples.',
    { files: parts.map(({ path }) => path) },
  );
}

function isRunningNumber({ columns, rows }: Table, column: number): boolean {
  if (!/^(id|index|unnamed: 0|)$/i.test(columns[column] ?? 'x')) return false;
  const first = Number(rows[0]?.[column]);
  return (
    (first === 0 || first === 1) && rows.length > 1 && rows.every((row, index) => Number(row[column] || NaN) === first + index)
  );
}

function features({ columns, rows, firstLine }: Table, chosen: readonly number[], name: string): Float64Array {
  const values = new Float64Array(rows.length * chosen.length);
  let at = 0;
  for (const [index, row] of rows.entries()) {
    for (const column of chosen) {
      const cell = row[column]?.trim() ?? '';
      const value = cell === '' ? NaN : Number(cell);
      if (Number.isNaN(value)) throw badCell(columns[column] ?? '', index + firstLine, cell, name);
      values[at++] = value;
    }
  }
  return values;
}

function badCell(column: string, line: number, cell: string, name: string): Error {
  const missing = /^(|na|n\/a|nan|null|none|\?|-)$/i.test(cell);
  const file = /\.(png|jpe?g)$/i.test(cell);
  return dataError(
    missing ? 'DATA_MISSING_VALUE' : file ? 'DATA_INDEX' : 'DATA_TEXT_COLUMN',
    missing
      ? `A value is missing in "${name}".`
      : file
        ? `"${name}" only lists picture files.`
        : `A column of "${name}" holds text.`,
    `Column "${column}", line ${line}: ${cell === '' ? 'the cell is empty' : `"${cell}"`}.`,
    file
      ? 'Drop it together with the folder of the pictures that it lists.'
      : missing
        ? 'Fill in or remove such rows; nothing is made up here.'
        : 'Remove this column or encode it as numbers, as was done for training; or choose it as the label.',
    { column, line },
  );
}

function noFeatures({ columns }: Table, name: string): Error {
  return dataError(
    'DATA_CSV',
    `The table "${name}" has no columns to feed to a model.`,
    `Its columns are ${columns.map((column) => `"${column}"`).join(', ')}, and the label is one of them.`,
    'Check that the columns are separated by commas, semicolons, tabs or bars.',
  );
}

function answersOf({ columns, rows, firstLine, classNames }: Table, label: number | null, name: string): Answers {
  if (label === null) return {};
  const cells = rows.map((row) => row[label]?.trim() ?? '');
  const empty = cells.indexOf('');
  if (empty >= 0) throw badCell(columns[label] ?? '', empty + firstLine, '', name);
  const numbers = cells.map(Number);
  if (!numbers.some(Number.isNaN)) {
    const answers = numberAnswers(numbers);
    return classNames && answers.labels ? { labels: answers.labels, classNames } : answers;
  }
  const names = [...new Set(cells)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const indices = new Map(names.map((text, index) => [text, index]));
  return { labels: Int32Array.from(cells, (cell) => indices.get(cell) ?? 0), classNames: names };
}
