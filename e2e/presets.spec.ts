/** Recipes to start from, and the caution where two steps do harm together. */
import { expect, test } from '@playwright/test';
import { bits, measured, openIris, sample } from './studio.ts';

test('recipes to start from, and the caution where two steps do harm together', async ({ page }) => {
  await openIris(page);
  await test.step('a preset becomes the recipe, is marked, and can be undone', async () => {
    const presets = page.getByRole('group', { name: 'Start from' });
    const phone = presets.getByRole('button', { name: 'Phone' });
    await expect(phone).toHaveAttribute('aria-pressed', 'false');
    await presets.getByRole('button', { name: 'Keep accuracy' }).click();
    await expect(presets.getByRole('button', { name: 'Keep accuracy' })).toHaveAttribute('aria-pressed', 'true');
    await expect(bits(page)).toHaveAttribute('aria-valuetext', /16/);
    await phone.click();
    await expect(phone).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('list').getByRole('heading', { name: /Fold BatchNorm/ })).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(phone).toHaveAttribute('aria-pressed', 'false');
    await bits(page).focus();
    await page.keyboard.press('ArrowLeft');
    for (const preset of await presets.getByRole('button').all()) await expect(preset).toHaveAttribute('aria-pressed', 'false');
    await measured(page);
  });
  await test.step('folding and one ranking for all layers are cautioned against before anything is run', async () => {
    await sample(page, 'Depthwise net').click();
    await expect(sample(page, 'Depthwise net')).toHaveAttribute('aria-pressed', 'true');
    const presets = page.getByRole('group', { name: 'Start from' });
    await presets.getByRole('button', { name: 'Phone' }).click();
    await page.getByLabel('Add a step').selectOption({ label: 'Prune small weights' });
    const caution = page.locator('.caution');
    await expect(caution).toContainText('Rank per layer, or do not fold.');
    await caution.getByRole('button', { name: 'Rank per layer' }).click();
    await expect(caution).toBeHidden();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(caution).toBeVisible();
    await caution.getByRole('button', { name: 'Do not fold' }).click();
    await expect(caution).toBeHidden();
  });
});
