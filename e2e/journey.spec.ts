/** The main job: a sample opens by itself, the dials are moved, the result is measured, saved, and opened again. */
import { expect, type Page, test } from '@playwright/test';
import { bits, bytesOf, drag, measured, openIris, sizeAfter, sparsity } from './studio.ts';

/** Notes the interval of the accuracy whenever it changes, from the first paint on. */
const watchIntervals = (page: Page) =>
  page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seenIntervals: seen });
    const look = () => {
      const text = document.querySelector('[data-metric="accuracy/top1"] .figure-before')?.textContent;
      if (text?.includes('–') && text !== seen.at(-1)) seen.push(text);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });

/** `98.8–99.4 %` is 0.6 points wide. */
const widthOf = (interval: string): number => {
  const [, low, high] = /([\d.]+)–([\d.]+)/.exec(interval) ?? [];
  return Number(high) - Number(low);
};

test('the first thirty seconds: from the first paint to a smaller file that opens again', async ({ page }, info) => {
  test.slow();
  // File dialogs are caught from here on: the first listener takes the browser a moment, and the dialog must not come before.
  page.on('filechooser', () => {});
  await watchIntervals(page);
  await page.goto('/');
  await expect(page.getByText('Drop a .keras, .h5 or TF.js model anywhere.').first()).toBeVisible();
  await expect(page.getByText('drag me')).toBeVisible();
  for (const name of ['LeNet-5', 'Depthwise net', 'Iris'])
    await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
  await expect(page.getByTestId('hero-before')).toContainText('B');
  await expect(page.locator('.wall-tally')).toContainText('100');
  await measured(page);
  const widths = (await page.evaluate(() => (window as unknown as { seenIntervals: string[] }).seenIntervals)).map(widthOf);
  expect(widths.length).toBeGreaterThan(2);
  expect(widths.at(-1)).toBeLessThan(widths[0] ?? 0);
  const first = bytesOf(await sizeAfter(page).textContent());

  await drag(bits(page), ['6', '5', '4', '3', '2']);
  await expect(page.getByText('drag me')).toHaveCount(0);
  await expect(sizeAfter(page)).toHaveAttribute('data-how', 'estimated');
  expect(bytesOf(await sizeAfter(page).textContent())).toBeLessThan(first);
  await expect(page.locator('.histogram')).toContainText('7 levels');
  await bits(page).dispatchEvent('change');
  await sparsity(page).fill('80');
  await measured(page);
  await expect(page.locator('.dot:not(.original)')).not.toHaveCount(0);
  await expect(sizeAfter(page)).toHaveAttribute('data-how', 'measured');
  const small = bytesOf(await sizeAfter(page).textContent());
  expect(small).toBeLessThan(first);
  await expect(page.getByTestId('run-done')).toContainText(/x smaller/);

  const downloaded = page.waitForEvent('download', { timeout: 90_000 });
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const download = await downloaded;
  expect(download.suggestedFilename()).toMatch(/-nutshell\.zip$/);
  await expect(page.locator('.verified')).toContainText(/TF\.js/);
  await expect(page.locator('.saved')).toContainText('tf.loadLayersModel');

  const path = info.outputPath(download.suggestedFilename());
  await download.saveAs(path);
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Control+o');
  await (await chooser).setFiles(path);
  await expect(page.getByText('About this sample')).toHaveCount(0);
  await page.keyboard.press('Control+Enter');
  await measured(page);
  await expect(page.getByRole('table').locator('tbody tr')).not.toHaveCount(0);
});

test('dials, undo, table and steps', async ({ page }) => {
  await openIris(page);
  await test.step('estimates under the thumb, and undo steps over a whole drag', async () => {
    const measuredSize = await sizeAfter(page).textContent();
    const thumb = bits(page);
    await thumb.evaluate((input: HTMLInputElement) => {
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
      for (const position of ['6', '5', '4', '3', '2']) {
        set?.call(input, position);
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
    await expect(sizeAfter(page)).toContainText('≈');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
    await thumb.dispatchEvent('change');
    await measured(page);
    await expect(sizeAfter(page)).not.toHaveText(measuredSize ?? '');
    await page.keyboard.press('Control+z');
    await expect(sizeAfter(page)).toHaveText(measuredSize ?? '');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
    await page.keyboard.press('Control+Shift+z');
    await expect(thumb).toHaveValue('2');
  });
  await test.step('the table sorts by every head; every run is a dot and a row, and a row brings its recipe back', async () => {
    const head = page.getByRole('columnheader', { name: 'Params' });
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    const counts = await page.locator('.layer-table td[data-column=parameters]').allTextContents();
    const numbers = counts.filter((text) => text !== '').map((text) => Number.parseFloat(text.replaceAll(',', '')));
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'ascending');

    await bits(page).fill('3');
    await measured(page);
    await expect(page.locator('.dot')).toHaveCount(4);
    await page.getByRole('button', { name: 'Show as table' }).click();
    await expect(page.locator('.runs-table tbody tr')).toHaveCount(4);
    await page.locator('.runs-table').getByRole('button', { name: '8 bits' }).click();
    await expect(bits(page)).toHaveAttribute('aria-valuetext', '8-bit');
  });
  await test.step('a step is added, moved and removed, and a layer gets bits of its own', async () => {
    await page.getByRole('tab', { name: 'Layers' }).click();
    const steps = page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3 }) });
    await page.getByLabel('Add a step …').selectOption('prune/magnitude');
    await expect(steps).toHaveCount(2);
    await expect(steps.first()).toContainText('Prune small weights');
    await page.getByRole('button', { name: 'Remove Prune small weights' }).click();
    await expect(steps).toHaveCount(1);

    const own = page.getByRole('group', { name: 'For this layer' });
    await own.getByLabel('Bits').fill('1');
    await expect(page.getByText('1 with own values')).toBeVisible();
    await measured(page);
    await expect(page.locator('.layer-table [data-selected=true]')).toContainText(/int2/);
    await page.getByRole('button', { name: 'Follow the recipe' }).click();
    await expect(page.getByText('with own values')).toHaveCount(0);
  });
});
