/** The one button: a goal, three picks, and the limit that stopped it. */
import { expect, test } from '@playwright/test';
import { bytesOf, measured, openIris, sizeAfter } from './studio.ts';

test('the smallest within a loss is found, taken as the recipe and measured', async ({ page }) => {
  await openIris(page);
  const panel = page.getByRole('region', { name: 'Find a recipe' });
  const before = bytesOf((await sizeAfter(page).textContent()) ?? '');
  await panel.getByLabel('Points that may be lost').fill('5');
  await panel.getByRole('button', { name: 'Find' }).click();
  await expect(panel.getByRole('button', { name: /Compact/ })).toBeVisible({ timeout: 90_000 });
  await expect(panel).toContainText('The limit is 5 points');
  await measured(page);
  expect(bytesOf((await sizeAfter(page).textContent()) ?? '')).toBeLessThanOrEqual(before);
  await panel.getByRole('button', { name: /Quality/ }).click();
  await measured(page);
  await expect(panel.getByRole('button', { name: /Quality/ })).toHaveAttribute('aria-pressed', 'true');
  await page.reload();
  await expect(panel.getByRole('button', { name: /Quality/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('.dot.tried').first()).toBeVisible();
});

test('a search is cancelled and keeps what it found', async ({ page }) => {
  await page.goto('/');
  await measured(page);
  const panel = page.getByRole('region', { name: 'Find a recipe' });
  await panel.getByRole('button', { name: 'Find' }).click();
  await expect(panel).toContainText(/recipes tried/);
  await expect(page.locator('.status-words')).toContainText(/ of /);
  await page.getByRole('button', { name: 'Cancel' }).first().click();
  await expect(panel).toContainText(/was stopped/, { timeout: 30_000 });
});
