/** Nothing is lost: model, data and runs survive a reload, one tab has one session, and where nothing can be kept the page says so. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { bits, drop, filesOf, irisData, irisModel, measured, openIris, sample } from './studio.ts';

async function dropOwn(page: Page): Promise<void> {
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await drop(page, [...(await filesOf(irisModel)), ...(await filesOf(irisData))]);
  await expect(page.locator('.pill')).toContainText('iris');
  await measured(page);
}

/** A model and data of the visitor's own, with two finished runs. */
async function openOwn(page: Page): Promise<void> {
  await page.goto('/');
  await dropOwn(page);
  await bits(page).fill('3');
  await measured(page);
  await expect(page.locator('.dot')).toHaveCount(3);
}

const storage = (page: Page) => page.getByTestId('storage');
const kept = (page: Page) => expect(storage(page)).toContainText('Kept here');
/** Until what was opened is on the device: a run is written at once, what led to it before. */
const written = (page: Page, name: string, runs: number) =>
  expect
    .poll(() =>
      page.evaluate(
        () =>
          new Promise<unknown>((resolve) => {
            const opening = indexedDB.open('nutshell');
            opening.onsuccess = () => {
              const all = opening.result.transaction('sessions').objectStore('sessions').getAll();
              all.onsuccess = () => {
                opening.result.close();
                resolve(all.result.map((one: { name: string; runs: number }) => [one.name, one.runs]));
              };
            };
          }),
      ),
    )
    .toContainEqual([name, runs]);

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('/');
  return page;
}

test('model, data, recipe and runs are there again after a reload', async ({ page }) => {
  await openOwn(page);
  await written(page, 'iris', 2);
  const size = await page.getByTestId('hero-after').textContent();
  await page.reload();
  await measured(page);
  await expect(page.locator('.pill')).toContainText('iris');
  await expect(sample(page, 'Iris')).toHaveAttribute('aria-pressed', 'false');
  await expect(page.locator('.data')).toContainText('150 rows');
  await expect(page.locator('.dot')).toHaveCount(3);
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '4-bit');
  await expect(page.getByTestId('hero-after')).toHaveText(size ?? '');
  await page.keyboard.press('Control+z');
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '8-bit');
  await page.keyboard.press('Control+Shift+z');
  await measured(page);
  // What was brought back is as good as new: it can be run, edited and saved.
  const downloaded = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  await downloaded;
  await expect(page.locator('.dot')).toHaveCount(3);
  await test.step('a tab of an older version stops writing and says so', async () => {
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          indexedDB.open('nutshell', 99).onsuccess = () => resolve();
        }),
    );
    await expect(page.locator('.status-words')).toHaveText('A newer version of this studio keeps its sessions here.');
    await bits(page).fill('2');
    await measured(page);
  });
});

test('a reload in the middle of a run loses nothing finished', async ({ page }) => {
  test.slow();
  await page.goto('/');
  await measured(page);
  await written(page, 'lenet5', 1);
  await bits(page).fill('2');
  await expect(page.locator('.status-line progress')).toBeVisible();
  await page.reload();
  await expect(page.locator('.dot').nth(1)).toBeVisible({ timeout: 60_000 });
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '3-bit');
});

test('a second tab has a session of its own and says so; a later one finds the last model', async ({ page, context }) => {
  await openOwn(page);
  await written(page, 'iris', 2);
  const second = await newPage(context);
  await expect(second.locator('.status-words')).toHaveText('Your last session is open in another tab. This tab has its own.', {
    timeout: 90_000,
  });
  await expect(sample(second, 'LeNet-5')).toHaveAttribute('aria-pressed', 'true');
  await second.close();
  await page.reload();
  await expect(page.locator('.dot')).toHaveCount(3);
  await page.close();

  const third = await newPage(context);
  await expect(third.locator('.dot')).toHaveCount(3);
  await storage(third).locator('summary').click();
  await third.getByRole('button', { name: /^Open lenet/i }).click();
  await expect(sample(third, 'LeNet-5')).toHaveAttribute('aria-pressed', 'true');
  await storage(third).locator('summary').click();
  await third.getByRole('button', { name: 'Open iris' }).click();
  await expect(third.locator('.dot')).toHaveCount(3);
});

test('everything can be forgotten, and that can be taken back for a while', async ({ page }) => {
  await openOwn(page);
  await written(page, 'iris', 2);
  await storage(page).locator('summary').click();
  await expect(storage(page)).toContainText(/[\d.]+\skB kept on this device/);
  const forget = page.getByRole('button', { name: 'Forget everything on this device' });
  await forget.click();
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await kept(page);
  await storage(page).locator('summary').click();
  await forget.click();
  await expect(storage(page)).toContainText('What is open now is not kept.');
  await page.locator('.toast').getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  const files = () =>
    page.evaluate(async () => {
      const names: string[] = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
      return names;
    });
  expect(await files()).toEqual([]);
  await expect(page.locator('.pill')).toContainText('iris');
  await page.reload();
  await expect(sample(page, 'LeNet-5')).toHaveAttribute('aria-pressed', 'true');

  // A tab that is closed while forgetting can still be undone has forgotten.
  await dropOwn(page);
  await written(page, 'iris', 1);
  await storage(page).locator('summary').click();
  await forget.click();
  await expect(page.locator('.toast')).toBeVisible();
  await page.reload();
  await expect(sample(page, 'LeNet-5')).toHaveAttribute('aria-pressed', 'true');
});

test('where the browser keeps nothing the page works and says so', async ({ page }) => {
  await page.addInitScript(() => {
    StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('Not here.', 'SecurityError'));
  });
  await openIris(page);
  await expect(page.locator('.status-words')).toHaveText('This browser keeps nothing for this page.');
  await expect(storage(page)).toContainText('Not kept');
  await storage(page).locator('summary').click();
  await expect(storage(page).getByRole('alert')).toContainText('private window');
});

test('where there is no room left everything stays open and the page says so', async ({ page }) => {
  await page.addInitScript(() => {
    FileSystemFileHandle.prototype.createWritable = () => Promise.reject(new DOMException('Full.', 'QuotaExceededError'));
  });
  await openOwn(page);
  await expect(page.locator('.status-words')).toHaveText('There is no room left to keep this session.');
  await storage(page).locator('summary').click();
  await expect(storage(page).getByRole('alert')).toHaveAttribute('data-code', 'KEEP_FULL');
  await expect(page.locator('.dot')).toHaveCount(3);
});
