/** Cancelling: a run stops within a batch, what it had measured stays, and the next run finishes. */
import { expect, test } from '@playwright/test';
import { measured, sizeAfter } from './studio.ts';

test('a run is cancelled in the middle and run again; saving is cancelled and nothing is downloaded', async ({ page }) => {
  await page.goto('/');
  await measured(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const line = page.locator('.status-line');
  await expect(line.locator('.status-words')).toContainText(/ of 10,000/);
  await line.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Cancelled' })).toHaveCount(1);
  await expect(sizeAfter(page)).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(line.locator('.status-words')).toContainText(/ of /);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled({ timeout: 90_000 });
  await measured(page);

  let downloads = 0;
  page.on('download', () => downloads++);
  await page.getByRole('button', { name: 'Save the compressed model' }).click();
  const panel = page.getByRole('region', { name: 'Export' });
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByRole('button', { name: 'Save the compressed model' })).toBeVisible();
  await expect(page.locator('.verified')).toHaveCount(0);
  expect(downloads).toBe(0);
});
