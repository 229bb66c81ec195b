/** The tab of runs: rows against a baseline, removed and put back, lit together with chart and wall, two of them compared. */
import { expect, type Page, test } from '@playwright/test';
import { bits, measured, openIris, sizeAfter, violations } from './studio.ts';

const table = (page: Page) => page.getByRole('table', { name: 'Runs' });
const row = (page: Page, name: string) =>
  table(page)
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name, exact: true }) });

/** Iris at 8, 5 and 2 bits, and the tab open. */
async function openRuns(page: Page): Promise<void> {
  await openIris(page);
  for (const position of ['4', '1']) {
    await bits(page).fill(position);
    await expect(page.locator('.dot')).toHaveCount(position === '4' ? 3 : 4);
    await measured(page);
  }
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(table(page).locator('tbody tr')).toHaveCount(4);
  await expect(page.getByRole('tab', { name: 'Runs' })).toBeFocused();
}

test('runs are lit together with chart and wall, told against a baseline, and compared two by two', async ({ page }) => {
  await openRuns(page);
  await test.step('a row, its dot and the wall are lit together', async () => {
    const wall = page.locator('.wall-line');
    await expect(wall).toContainText('changed');
    await row(page, '8 bits').hover();
    await expect(page.locator('.dot[data-run="1"]')).toHaveClass(/lit/);
    await expect(wall).toContainText('Run 1');
    await expect(wall).toContainText('Same answer on all 100');
    await page.mouse.move(0, 0);
    await expect(page.locator('.dot.lit')).toHaveCount(0);
    await expect(wall).not.toContainText('Run 1');
    await expect(wall).toContainText('changed');
    await page.locator('.dot[data-run="2"] .core').hover();
    await expect(row(page, '5 bits')).toHaveAttribute('data-lit', 'true');
    await row(page, '5 bits').getByRole('button', { name: '5 bits' }).focus();
    await expect(wall).toContainText('Run 2');
  });
  await test.step('two runs are compared figure by figure, recipe by recipe, layer by layer', async () => {
    await page.getByRole('checkbox', { name: 'Choose Run 1 to compare' }).check();
    await page.getByRole('checkbox', { name: 'Choose Run 3 to compare' }).check();
    await page.getByRole('button', { name: 'Compare Run 1 with Run 3' }).click();
    const compare = page.getByRole('region', { name: 'Run 1 and Run 3' });
    const accuracy = compare.getByRole('row').filter({ hasText: 'Accuracy' });
    await expect(accuracy.locator('.verdict')).toHaveAttribute(
      'title',
      /95 % interval .*150 samples, McNemar p = .*sample by sample/,
    );
    await expect(accuracy).toContainText(/worse, −\d/);
    await expect(compare).toContainText('Quantize evenly, Bits: 8 bit → 2 bit');
    const layers = compare.getByRole('table', { name: 'Payload of each layer' });
    await expect(layers.locator('tbody tr')).toHaveCount(3);
    await expect(layers).toContainText(/int2/);
    await layers.locator('tbody tr').first().hover();
    await expect(layers.locator('tr[data-lit=true]')).toHaveCount(1);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'All runs' }).click();
    await expect(table(page)).toBeVisible();
  });
  await test.step('told against the original, or against any run that is pinned', async () => {
    await expect(table(page).locator('tbody tr').first()).toContainText('baseline');
    await expect(row(page, '2 bits')).toContainText(/better, −\d+\sB/);
    await expect(row(page, '2 bits')).toContainText(/worse, −\d/);
    await expect(row(page, '8 bits').locator('[data-column=quality]')).toContainText('no measurable difference');
    await page.getByRole('button', { name: 'Tell the others against Run 3' }).click();
    await expect(table(page).locator('tbody tr').first()).toContainText('2 bits');
    await expect(page.getByText('Baseline: Run 3')).toBeVisible();
    await expect(row(page, 'Original').locator('[data-column=size]')).toContainText(/worse, \+\d+\sB/);
    await expect(row(page, '8 bits').locator('[data-column=quality]')).toContainText(/better, \+\d/);
    const head = table(page).getByRole('columnheader', { name: 'Size' });
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    await expect(table(page).locator('tbody .run-name')).toHaveText(['2 bits', '5 bits', '8 bits', 'Original']);
  });
});

test('runs are removed and put back, undone and redone, saved, and there again after a reload', async ({ page }) => {
  await openRuns(page);
  await test.step('a run is removed by keyboard and put back as it was', async () => {
    await row(page, '8 bits').getByRole('button', { name: '8 bits' }).focus();
    await page.keyboard.press('ArrowDown');
    await expect(row(page, '5 bits').getByRole('button', { name: '5 bits' })).toBeFocused();
    await page.keyboard.press('Delete');
    await expect(table(page).locator('tbody tr')).toHaveCount(3);
    await expect(row(page, '2 bits').getByRole('button', { name: '2 bits' })).toBeFocused();
    await expect(page.locator('.dot')).toHaveCount(3);
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
    await expect(table(page).locator('tbody .run-name')).toHaveText(['Original', '8 bits', '5 bits', '2 bits']);
  });
  await test.step('undo and redo return to results at once and run nothing again', async () => {
    const small = await sizeAfter(page).textContent();
    const runs = page.locator('.runs-table tbody tr');
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await expect(page.getByTestId('run-done')).toBeVisible();
    await expect(row(page, '5 bits')).toHaveAttribute('aria-current', 'true');
    expect(await sizeAfter(page).textContent()).not.toBe(small);
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect(sizeAfter(page)).toHaveText(small ?? '');
    await expect(page.getByTestId('run-done')).toBeVisible();
    await expect(runs).toHaveCount(4);
    await expect(page.locator('.status-line progress')).toHaveCount(0);
  });
  await test.step('a saved file is told on the samples that no search saw, beside the whole', async () => {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    await saved;
    await expect(page.locator('.verified')).toContainText(/Re-opened in stock TF\.js: same \d+ of 150, outputs/);
    const part = page.locator('.test-part');
    await expect(part).toContainText(/On the 90 samples that a search never sees: [\d.]+\s% \([\d.]+–[\d.]+\s%\)\./);
    await expect(part).toContainText('3 recipes were run on all samples');
    await expect(page.locator('.files li')).toHaveText([/^model\.json[\d.]+\skB$/, /\.bin[\d.]+\s(k?)B$/]);
    await expect(page.getByRole('button', { name: 'Copy the code' })).toBeVisible();
  });
  await test.step('runs and the baseline survive a reload and say so', async () => {
    await page.getByRole('button', { name: 'Tell the others against Run 2' }).click();
    await expect(page.locator('.status-line')).toContainText('Kept here');
    // Written a moment after the last change.
    await page.waitForTimeout(1000);
    await page.reload();
    await page.getByRole('tab', { name: 'Runs' }).click();
    await expect(table(page).locator('tbody tr').first()).toContainText('5 bits');
    await expect(row(page, '8 bits')).toContainText('earlier visit');
  });
  await test.step('on a phone a run is a card, and nothing scrolls sideways', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByRole('navigation', { name: 'Parts of the studio' }).getByRole('button', { name: 'Layers' }).click();
    await expect(table(page)).toBeVisible();
    expect(await violations(page)).toEqual([]);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBeLessThanOrEqual(320);
    await page.getByRole('checkbox', { name: 'Choose Original to compare' }).check();
    await page.getByRole('checkbox', { name: 'Choose Run 1 to compare' }).check();
    await page.getByRole('button', { name: /^Compare/ }).click();
    await expect(page.getByRole('region', { name: 'Original and Run 1' })).toBeVisible();
    expect(await width()).toBeLessThanOrEqual(320);
  });
});
