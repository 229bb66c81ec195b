/** The wall follows the thumb, for pictures, tables and without data; an input of one's own is answered by both models. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { bits, drag, measured, openIris, sparsity } from './studio.ts';

const samples = (page: Page): Locator => page.getByRole('listbox', { name: /Samples answered/ }).getByRole('option');

async function drawLine(page: Page): Promise<void> {
  const board = page.getByLabel('Drawing board');
  await board.scrollIntoViewIfNeeded();
  const box = await board.boundingBox();
  if (box === null) throw new Error('The board is not shown.');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.15);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.85, { steps: 6 });
  await page.mouse.up();
}

test('a hundred digits and a drawn line are answered by both models, and tiles change while the thumb is down', async ({
  page,
}) => {
  await page.goto('/');
  await expect(page.locator('.wall-tally')).toContainText('100');
  await expect(samples(page)).toHaveCount(100);
  await expect(samples(page).first()).toHaveAccessibleName(/sample 1, truly 7, 7 by the original, 7 compressed, right in both/);
  await expect(samples(page).first().locator('canvas')).toHaveCount(1);

  // A drawn line is answered by both, by pointer and by keyboard.
  await drawLine(page);
  const region = page.getByRole('region', { name: 'Try it' });
  await expect(region.getByRole('status').filter({ hasText: 'Both answer 1.' })).toBeVisible();
  await expect(region.locator('.answer-bars > div')).toHaveCount(3);
  await region.getByRole('button', { name: 'Clear' }).click();
  await expect(region.locator('.answer-bars')).toHaveCount(0);
  await page.getByLabel('Drawing board').focus();
  await page.keyboard.press('Space');
  for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowDown');
  await expect(region.getByRole('status').filter({ hasText: 'Both answer 1.' })).toBeVisible();

  await drag(bits(page), ['6', '5', '4', '3', '2', '1', '0']);
  await expect(page.locator('.sample:not([data-change=same])').first()).toBeVisible();
  await expect(page.locator('.wall-tally')).toContainText(/\d+ of 100 changed/);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
  await page.getByRole('button', { name: 'As a table' }).click();
  await expect(page.locator('.data tbody tr')).toHaveCount(100);
  // Answers to the last position may still be on their way: the tally and the rows are read until they agree.
  await expect(async () => {
    const tally = /(\d+) of 100/.exec((await page.locator('.wall-tally').textContent()) ?? '')?.[1];
    expect(await page.locator('.data tbody tr:not([data-change=same])').count()).toBe(Number(tally));
  }).toPass();
});

test('a drag that ends where it began is measured all the same', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('.status-words')).toContainText(/ of 10,000/);
  await drag(sparsity(page), ['20', '0']);
  await sparsity(page).dispatchEvent('change');
  await measured(page);
});

test('a table: its rows are walked, edited, and drawn as a matrix; without data its layers', async ({ page }) => {
  await openIris(page);
  await test.step('the arrow keys walk over the wall and show both models’ chances', async () => {
    const list = page.getByRole('listbox', { name: /Samples answered/ });
    await list.focus();
    await page.keyboard.press('Home');
    await expect(page.locator('.wall-card')).toContainText('setosa');
    await expect(list).toHaveAttribute('aria-activedescendant', /-0$/);
    await page.keyboard.press('ArrowRight');
    await expect(list).not.toHaveAttribute('aria-activedescendant', /-0$/);
    await page.keyboard.press('Escape');
    await expect(page.locator('.wall-card')).toHaveCount(0);
  });
  await test.step('a table row is edited and answered; a field without a number says so', async () => {
    const region = page.getByRole('region', { name: 'Try it' });
    await expect(region.getByLabel('petal_length')).toHaveValue('1.4');
    await expect(region).toContainText('Both answer setosa.');
    const virginica = { sepal_length: '6.7', sepal_width: '3.1', petal_length: '6', petal_width: '2.2' };
    for (const [feature, value] of Object.entries(virginica)) await region.getByLabel(feature).fill(value);
    await expect(region).toContainText('Both answer virginica.');
    await region.getByLabel('petal_width').fill('wide');
    await expect(region).toContainText('Every field needs a number.');
  });
  await test.step('a table shows a matrix of dots, and without data its layers', async () => {
    await expect(page.locator('.wall')).toHaveAttribute('data-looks', 'matrix');
    await expect(samples(page)).toHaveCount(100);
    await bits(page).fill('1');
    await expect(page.locator('.sample:not([data-change=same])').first()).toBeVisible();
    await page.getByRole('button', { name: 'Without data' }).click();
    await page.getByRole('button', { name: 'Compare both models' }).click();
    await expect(page.locator('.layer-bars li')).toHaveCount(3);
    await expect(page.locator('.synthetic-agreement')).toContainText('same answers on synthetic input');
    await expect(page.locator('.synthetic')).not.toContainText('NaN');
  });
});
