/** The recipe in the address: a link opened elsewhere gives the same recipe and the same bytes; a bad one says so and changes nothing. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { bits, drop, filesOf, irisModel, measured, openIris, sample, sparsity } from './studio.ts';

const open = (page: Page, fragment: string) => page.goto(`/${fragment}`);

async function downloaded(page: Page): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  return readFile(await (await download).path());
}

/** Opens the share menu and copies; what lies in the clipboard then. */
async function copied(page: Page, context: BrowserContext, label: string): Promise<string> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const menu = page.locator('.share');
  if ((await menu.getAttribute('open')) === null) await menu.locator('summary').click();
  await menu.getByRole('button', { name: label }).click();
  await expect(menu.getByText('Copied').first()).toBeVisible();
  return page.evaluate(() => navigator.clipboard.readText());
}

test('a copied link gives the same recipe and the same bytes in another browser', async ({ page, context, browser }) => {
  await openIris(page);
  await bits(page).fill('3');
  await sparsity(page).fill('40');
  await measured(page);
  await expect(page).toHaveURL(/#v=1&sample=iris&recipe=[\w-]+$/);
  const link = await copied(page, context, 'Copy link');
  expect(link).toBe(page.url());
  const bytes = await downloaded(page);

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(link);
  await expect(sample(other, 'Iris')).toHaveAttribute('aria-pressed', 'true');
  await measured(other);
  await expect(bits(other)).toHaveAttribute('aria-valuetext', '4-bit');
  await expect(sparsity(other)).toHaveValue('40');
  expect((await downloaded(other)).equals(bytes)).toBe(true);
  await elsewhere.close();

  await test.step('a link pasted into the open page becomes the recipe, undoably', async () => {
    const code = Buffer.from(JSON.stringify([7, [{ use: 'quantize/affine', bits: 5 }]])).toString('base64url');
    await page.evaluate((fragment) => {
      window.location.hash = fragment;
    }, `#v=1&sample=iris&recipe=${code}`);
    await expect(bits(page)).toHaveAttribute('aria-valuetext', '5-bit');
    await page.keyboard.press('Control+z');
    await expect(bits(page)).toHaveAttribute('aria-valuetext', '4-bit');
  });
  await test.step('a removed step can be brought back from the notice', async () => {
    await page.getByRole('button', { name: 'Remove Quantize evenly' }).click();
    await expect(bits(page)).toHaveAttribute('aria-valuetext', 'float32');
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await expect(bits(page)).toHaveAttribute('aria-valuetext', '4-bit');
    await expect(page.locator('.toast')).toHaveCount(0);
  });
});

test('the copied command line writes the same files in Node', async ({ page, context }) => {
  test.slow();
  await openIris(page);
  await bits(page).fill('3');
  await measured(page);
  const json = JSON.parse(await copied(page, context, 'Copy JSON'));
  expect(json).toMatchObject({ recipe: 1, seed: 7, steps: [{ use: 'quantize/affine', bits: 4 }] });
  const line = await copied(page, context, 'Copy command line');
  expect(line).toContain('npm run -s nutshell -- compress public/models/iris/model.json');
  await downloaded(page);

  const folder = await mkdtemp(join(tmpdir(), 'nutshell-'));
  const here = line.replaceAll('recipe.json', join(folder, 'recipe.json')).replace('--out iris-nutshell', `--out ${folder}/out`);
  execFileSync('/bin/sh', ['-c', here.replace('npm run -s nutshell --', 'node_modules/.bin/tsx src/cli/main.ts')], {
    stdio: 'pipe',
  });
  const written = await readdir(join(folder, 'out'));
  expect(written.length).toBeGreaterThan(0);
  for (const file of written.filter((name) => name.endsWith('.bin'))) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: file }).click()]);
    expect((await readFile(await download.path())).equals(await readFile(join(folder, 'out', file)))).toBe(true);
  }
});

test('a bad link says what is wrong with it and opens the studio as usual', async ({ page }) => {
  const code = Buffer.from(JSON.stringify([7, [{ use: 'quantize/magic' }]])).toString('base64url');
  await open(page, `#v=1&sample=iris&recipe=${code}`);
  const problem = page.locator('.recipe .problem');
  await expect(problem).toHaveAttribute('data-code', 'LINK_RECIPE');
  await expect(problem).toContainText('quantize/magic');
  await expect(sample(page, 'LeNet-5')).toHaveAttribute('aria-pressed', 'true');
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '8-bit');
});

test('a link without its model waits for the model', async ({ page }) => {
  const code = Buffer.from(JSON.stringify([7, [{ use: 'quantize/affine', bits: 2 }]])).toString('base64url');
  await open(page, `#v=1&recipe=${code}`);
  await expect(page.getByText('came without its model')).toBeVisible();
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '2-bit');
  await drop(page, await filesOf(irisModel));
  await expect(page.locator('.pill')).toContainText('iris');
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '2-bit');
});
