/** Training in the page: repaired in one click, watched, cancelled, ended early with the best weights, saved and opened again. */
import { expect, test } from '@playwright/test';
import { bits, dropOn, filesOf, irisModel, measured, openIris, sparsity } from './studio.ts';

test('a broken LeNet-5 is repaired: curves move, a cancel keeps the rest, an early end keeps the best', async ({ page }) => {
  test.slow();
  await page.goto('/');
  await measured(page);
  await bits(page).fill('1');
  await sparsity(page).fill('90');
  await measured(page);
  await page.getByRole('button', { name: 'Repair with training' }).click();
  await expect(page.getByRole('tab', { name: 'Training' })).toHaveAttribute('aria-selected', 'true');
  const loss = page.getByRole('img', { name: /Loss on the training samples/ });
  await expect(loss).toBeVisible({ timeout: 90_000 });
  const first = await loss.getAttribute('aria-label');
  await expect(loss).not.toHaveAttribute('aria-label', first ?? '');
  await expect(page.getByRole('region', { name: 'Fine-tune' })).toContainText(/epoch 1 of 2 · [\d,]+ samples\/s/);

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(loss).toBeVisible({ timeout: 90_000 });
  const step = page.getByRole('region', { name: 'Fine-tune' });
  await step.getByRole('button', { name: 'Pause' }).click();
  await expect(step).toContainText('paused');
  const resting = await loss.getAttribute('aria-label');
  await step.getByRole('button', { name: 'Go on' }).click();
  await expect(loss).not.toHaveAttribute('aria-label', resting ?? '');
  await page.getByRole('button', { name: 'Stop and keep the best' }).click();
  await measured(page);
  await expect(page.getByRole('region', { name: 'Fine-tune' })).toContainText('Stopped when asked to');

  const downloaded = page.waitForEvent('download', { timeout: 90_000 });
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  await downloaded;
  await expect(page.locator('.verified')).toContainText(/TF\.js/);
});

test('without training data of its own a part is trained on, and the rest alone is measured', async ({ page }) => {
  await openIris(page);
  await bits(page).fill('1');
  await measured(page);
  await page.getByRole('button', { name: 'Repair with training' }).click();
  await measured(page);
  await expect(page.locator('[data-metric="agreement/top1"]')).toContainText('of 30');
  await expect(page.locator('.runs')).toContainText('120 of the 150 samples were trained on');
  const step = page.getByRole('region', { name: 'Fine-tune' });
  await expect(step.getByRole('img', { name: /Right on validation samples/ })).toBeVisible();
  await step.getByRole('button', { name: 'As a table' }).click();
  await expect(step.getByRole('row')).toHaveCount(4);
  // What was trained on says nothing about why.
  await page.getByRole('tab', { name: 'See why' }).click();
  await expect(page.getByTestId('why-changed')).toContainText(/of (the )?30/);

  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(page.getByTestId('run-done')).toBeVisible();

  // A second model teaches where it fits.
  await page.getByLabel('Add a step …').selectOption('distill/logits');
  const teacher = page.locator('.teacher');
  await dropOn(teacher, await filesOf(['public/models/lenet5/model.json', 'public/models/lenet5/weights.bin']));
  await expect(page.getByRole('alert')).toContainText('Its teacher takes 28×28×1 numbers, the model 4.');
  await dropOn(teacher, await filesOf(irisModel));
  await expect(teacher).toContainText(/iris, \d+ parameters/);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await measured(page);
  await expect(page.locator('.runs')).toContainText('Who is imitated is "iris"');
  await teacher.getByRole('button', { name: 'Take the model itself' }).click();
  await expect(page.getByTestId('run-done')).toBeHidden();
});
