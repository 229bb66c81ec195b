/** What a step does, opened where the step is set. */
import { expect, test } from '@playwright/test';
import { bits, openIris } from './studio.ts';

test('a step explains itself with a figure that follows its setting and the visitor', async ({ page }) => {
  await openIris(page);
  const step = page.getByRole('listitem', { name: 'Quantize evenly' });
  await step.getByRole('button', { name: 'What “Quantize evenly” does' }).click();
  await expect(step.getByRole('img', { name: 'What a weight becomes: 255 levels' })).toBeVisible();
  await bits(page).focus();
  for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowLeft');
  await expect(step.getByRole('img', { name: '7 levels' })).toBeVisible();
  const path = step.getByText('→ code');
  const before = await path.textContent();
  await step.getByRole('slider', { name: 'A weight' }).press('Home');
  await expect(path).not.toHaveText(before ?? '');
  await expect(path).toContainText('−1 → code 0 → −1, off by 0');
});
