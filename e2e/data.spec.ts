/** Data of one's own: real models with their pictures, the order of classes, how values are fed, and what is said where they do not fit. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { readNpy } from '../src/engine/data/npy.ts';
import { openZip } from '../src/engine/zip.ts';
import { drop, filesOf, type GivenFile, irisData, irisModel, measured, violations } from './studio.ts';

const fixtures = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const present = existsSync(fixtures);
function needsFixtures(): void {
  test.skip(!present, 'the corpus of real models and data is not here');
  test.slow();
}

/** Every scaling is tried on dozens of pictures before they are shown. */
const patient = { timeout: 90_000 };

const panel = (page: Page) => page.getByRole('region', { name: 'Data', exact: true });
const details = (page: Page) => page.getByRole('region', { name: 'Details of the data' });
const openDetails = (page: Page) => panel(page).getByRole('button', { name: 'Details' }).click();
const text = (name: string, words: string): GivenFile => ({ name, bytes: Buffer.from(words) });

/** The 1,000 CIFAR-10 pictures as lossless PNGs in class folders, zipped. */
async function cifarFolders(): Promise<Buffer> {
  const names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
  const arrays = new Map<string, Awaited<ReturnType<typeof readNpy>>>();
  for (const file of openZip(Uint8Array.from(readFileSync(join(fixtures, 'cifar10/cifar10_1000.npz'))), 'cifar')) {
    arrays.set(file.path, readNpy(await file.bytes(), file.path));
  }
  const pixels = arrays.get('x_test.npy')?.values as Uint8Array;
  const labels = arrays.get('y_test.npy')?.values ?? [];
  const files: Record<string, Uint8Array> = {};
  for (let index = 0; index < 1000; index++) {
    const data = pixels.subarray(index * 3072, (index + 1) * 3072);
    files[`cifar/${names[Number(labels[index])]}/${index}.png`] = encode({ width: 32, height: 32, channels: 3, data });
  }
  return Buffer.from(zipSync(files, { level: 0 }));
}

test('Teachable Machine’s zip and its pictures, dropped together, score 22 of 22', async ({ page }) => {
  needsFixtures();
  const folder = join(fixtures, 'teachablemachine/snippets/converter/image/test');
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await drop(page, await filesOf([join(folder, 'image-model.zip'), join(folder, 'image-model-data.zip')]));
  await expect(panel(page)).toContainText('22 pictures', patient);
  await expect(panel(page).getByLabel('Fed as')).toHaveValue('symmetric');
  await openDetails(page);
  await expect(details(page).getByRole('button', { name: 'Use −1 to 1', exact: true })).toContainText('22 of 22');
  await expect(details(page).getByRole('button', { name: 'Use −1 to 1', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect(details(page)).toContainText('Matched by name with metadata.json');
  await expect(details(page).locator('.detail-seen canvas')).toHaveCount(22);
});

test('ResNet8 and the 1,000 CIFAR pictures as zipped class folders score 881', async ({ page }) => {
  needsFixtures();
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  const [model] = await filesOf([join(fixtures, 'mlperf-tiny/image-classification/pretrainedResnet.h5')]);
  await drop(page, [model as GivenFile, { name: 'cifar.zip', bytes: await cifarFolders() }]);
  await expect(panel(page)).toContainText('1,000 pictures', patient);
  await expect(panel(page)).toContainText('10 classes');
  await expect(panel(page).getByLabel('Fed as')).toHaveValue('raw');
  await measured(page);
  await expect(page.getByTestId('run-done')).toContainText('1,000');
  await expect(page.locator('[data-metric="accuracy/top1"] .figure-before')).toContainText('88.1');
});

/** Iris with its species by name, in another order than the model's. */
async function irisTurned(): Promise<GivenFile> {
  const [table] = await filesOf(irisData);
  const species = ['setosa', 'versicolor', 'virginica'];
  const [, ...rows] = (table?.bytes.toString() ?? '').trim().split('\n');
  const named = rows.map((row) => row.replace(/,([^,]*)$/, (_, cell: string) => `,${nameOf(cell.trim(), species)}`));
  return text('flowers.csv', ['a,b,c,d,kind', ...named].join('\n'));
}

const nameOf = (cell: string, species: readonly string[]): string => {
  const number = species.indexOf(cell) >= 0 ? species.indexOf(cell) : Number(cell);
  return ['z setosa', 'y versicolor', 'x virginica'][number] ?? '';
};

async function openTurned(page: Page): Promise<void> {
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await drop(page, [...(await filesOf(irisModel)), await irisTurned()]);
  await expect(panel(page)).toContainText('150 rows');
  await openDetails(page);
  await expect(details(page)).toContainText('In the order of the data');
}

const output = (page: Page, name: string) => details(page).getByLabel(`Output for ${name}`);

/** How the order of classes that is kept on the device came about. */
const keptOrder = (page: Page): Promise<unknown> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open('nutshell');
        opening.onsuccess = () => {
          const all = opening.result.transaction('sessions').objectStore('sessions').getAll();
          all.onsuccess = () => {
            opening.result.close();
            resolve(all.result[0]?.data?.feed?.order?.by);
          };
        };
      }),
  );

test('the order of classes is guessed from the answers, said to be, and there again after a reload', async ({ page }) => {
  await openTurned(page);
  await expect(output(page, 'z setosa')).toHaveValue('2');
  await expect(details(page)).toContainText('Few answers are right');
  await details(page).getByRole('button', { name: 'Guess from the answers' }).click();
  await expect(details(page)).toContainText('the accuracy flatters the model');
  await expect(output(page, 'z setosa')).toHaveValue('0');
  await expect(output(page, 'x virginica')).toHaveValue('2');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await measured(page);
  await expect.poll(() => keptOrder(page)).toBe('guessed');
  await page.reload();
  await measured(page);
  await openDetails(page);
  await expect(details(page)).toContainText('the accuracy flatters the model');
  await expect(output(page, 'z setosa')).toHaveValue('0');
  await details(page).getByRole('button', { name: 'Undo the order' }).click();
  await expect(details(page)).toContainText('In the order of the data');
  await expect(output(page, 'z setosa')).toHaveValue('2');
});

test('classes exchange outputs by hand; a labels file names them, or is refused by name', async ({ page }) => {
  await openTurned(page);
  await output(page, 'z setosa').selectOption('0');
  await expect(details(page)).toContainText('Chosen by hand');
  await expect(output(page, 'x virginica')).toHaveValue('2');
  await expect(output(page, 'z setosa')).toHaveValue('0');
  await drop(page, [text('labels.txt', '0 Z setosa\n1 Y_versicolor\n2 X virginica\n')]);
  await expect(details(page)).toContainText('Matched by name with labels.txt');
  await expect(output(page, 'z setosa')).toHaveValue('0');
  for (const [names, code] of [
    ['z setosa\ny versicolor', 'LABELS_COUNT'],
    ['z setosa\nz setosa\ny versicolor', 'LABELS_DUPLICATE'],
    ['z setosa\ny versicolor\nrose', 'LABELS_UNKNOWN'],
  ] as const) {
    await drop(page, [text('labels.txt', names)]);
    await expect(page.getByRole('alert')).toContainText(code);
  }
  // What did not fit changed nothing.
  await expect(details(page)).toContainText('Matched by name with labels.txt');
});

test('axe finds nothing in the details, wide and on a phone', async ({ page }) => {
  test.slow();
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await expect(panel(page)).toContainText('10,000 pictures');
  await openDetails(page);
  await expect(details(page).locator('canvas').first()).toBeVisible();
  await details(page).getByRole('button', { name: 'Try again' }).click();
  await expect(details(page).locator('.tried li')).toHaveCount(4, patient);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await violations(page)).toEqual([]);
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(content).toBeLessThanOrEqual(screen ?? 0);
});
