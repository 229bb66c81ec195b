/** Recipes to start from, and the caution where two steps do harm together. */
import { expect, type Page, test } from '@playwright/test';
import { bits, measured, openIris, sample, violations } from './studio.ts';

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
  await test.step('channels are shared out by what each group loses', () => channelsAreSharedOut(page));
  await test.step('folding and one ranking for all layers are cautioned against before anything is run', async () => {
    await sample(page, 'Depthwise net').click();
    await expect(sample(page, 'Depthwise net')).toHaveAttribute('aria-pressed', 'true');
    const presets = page.getByRole('group', { name: 'Start from' });
    await presets.getByRole('button', { name: 'Phone' }).click();
    await page.getByLabel('Add a step').selectOption({ label: 'Prune small weights' });
    const caution = page.locator('.caution');
    await expect(caution).toContainText('Rank relative to each layer (adaptive), or do not fold.');
    await caution.getByRole('button', { name: 'Rank relative to each layer' }).click();
    await expect(caution).toBeHidden();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(caution).toBeVisible();
    await caution.getByRole('button', { name: 'Do not fold' }).click();
    await expect(caution).toBeHidden();
  });
});

/** In the same visit: what each group loses is measured, a saving shared out by it, and a group protected. */
async function channelsAreSharedOut(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Channels' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Channels' });
  await panel.getByRole('button', { name: 'Remove channels' }).click();
  await panel.getByRole('button', { name: 'Measure what each loses' }).click();
  await expect(panel).toContainText(/(\d+) of \1 measured/);
  await panel.getByRole('button', { name: 'Share out and run' }).click();
  await expect(panel).toContainText(/Saves 5\d\.\d\s% of the work/);
  const cells = panel.getByRole('table').getByRole('button');
  await cells.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(cells.nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(cells.nth(1)).toHaveAttribute('aria-pressed', 'true');
  const coupled = page.getByRole('region', { name: 'Coupled channels' });
  await expect(coupled).toContainText('Expected to lose');
  await coupled.getByLabel('Keep them all').check();
  await expect(coupled.getByLabel('Share that goes')).toBeHidden();
  await expect(coupled.getByRole('img', { name: /(\d+) of \1 channels stay/ })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(coupled.getByLabel('Share that goes')).toBeVisible();
  expect(await violations(page)).toEqual([]);
}
