/** See why: the error path and its remedies, the answers that changed, confusion, and the views of other kinds of models. */
import { expect, type Page, test } from '@playwright/test';
import { bits, drop, type GivenFile, measured, openIris, violations } from './studio.ts';

const kernel = Array.from({ length: 64 }, (_, row) => Math.sin(row * 1.3 + 1));

/** A linear model of sixty-four inputs and one output, as a TF.js layers model. */
function linearModel(name: string, activation: 'sigmoid' | 'linear'): GivenFile[] {
  const dense = { name: 'score', units: 1, activation, use_bias: true, batch_input_shape: [null, 64], dtype: 'float32' };
  const topology = { class_name: 'Sequential', config: { name, layers: [{ class_name: 'Dense', config: dense }] } };
  const weights = [
    { name: 'score/kernel', shape: [64, 1], dtype: 'float32' },
    { name: 'score/bias', shape: [1], dtype: 'float32' },
  ];
  const manifest = [{ paths: ['weights.bin'], weights }];
  const json = { format: 'layers-model', modelTopology: { model_config: topology }, weightsManifest: manifest };
  const values = Float32Array.from([...kernel, 0]);
  return [
    { name: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { name: 'weights.bin', bytes: Buffer.from(values.buffer) },
  ];
}

/** Rows of sixty-four features and what the model should say, off by a little noise that is the same each time. */
function table(of: (score: number) => string): GivenFile[] {
  const rows = Array.from({ length: 60 }, (_, row) => {
    const x = kernel.map((_, column) => Math.sin(row * 1.7 + column * 2.3));
    const score = x.reduce((sum, value, column) => sum + value * (kernel[column] ?? 0), 0.3 * Math.sin(row * 9.1));
    return [...x.map((value) => value.toFixed(4)), of(score)].join(',');
  });
  const names = kernel.map((_, column) => `f${column}`);
  return [{ name: 'table.csv', bytes: Buffer.from([[...names, 'label'].join(','), ...rows].join('\n')) }];
}

async function openWhy(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'See why' }).click();
  await expect(page.getByTestId('why-culprit')).toBeVisible();
}

async function openLinear(page: Page, activation: 'sigmoid' | 'linear', of: (score: number) => string): Promise<void> {
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await drop(page, [...linearModel(activation, activation), ...table(of)]);
  await expect(page.locator('.data')).toContainText('60 rows');
  await bits(page).focus();
  for (let press = 0; press < 6; press++) await page.keyboard.press('ArrowLeft');
  await measured(page);
  await openWhy(page);
}

test('names the culprit, shows whose answers changed, and offers a way out', async ({ page }) => {
  await openIris(page);
  await openWhy(page);
  await expect(page.getByTestId('why-changed')).toContainText('No answer changed on 150 samples.');
  await bits(page).focus();
  for (let press = 0; press < 6; press++) await page.keyboard.press('ArrowLeft');
  await measured(page);
  await expect(page.getByTestId('why-culprit')).toContainText('Most of the error comes in at');
  await expect(page.locator('.why-changed .gallery li').first()).toContainText('now wrong');
  await expect(page.locator('.why-changed .gallery li .values').first()).toContainText(/sepal.* [\d.]+ · /);
  const culprit = (await page.locator('.why-layer strong').textContent()) ?? '';
  await expect(page.getByTestId('why-culprit')).toContainText(culprit);
  const confusion = page.getByRole('region', { name: 'Which class is taken for which' });
  await confusion.getByRole('button', { name: 'Before' }).click();
  await expect(confusion.locator('tbody tr').first()).toContainText('50');

  // The layers are walked by keyboard, and the inspector follows.
  const layers = page.getByRole('listbox', { name: /Layers from input to output/ });
  await layers.focus();
  await page.keyboard.press('Home');
  await expect(page.locator('.why-layer strong')).toHaveText('hidden1');
  await expect(page.getByLabel('Layer to look at')).toHaveValue('hidden1');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('.why-layer strong')).toHaveText('hidden2');

  await page.getByRole('button', { name: 'Leave this layer out' }).click();
  await expect(page.locator('.why-layer')).toContainText('The recipe leaves this layer as it is.');
  await measured(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Give it 4 bits' }).click();
  await expect(page.getByRole('button', { name: 'Give it 6 bits' })).toBeVisible();
});

test('without data it works on synthetic inputs and says so', async ({ page }) => {
  await openIris(page);
  await page.getByRole('button', { name: 'Without data' }).click();
  await openWhy(page);
  await expect(page.getByTestId('why-culprit')).toContainText('synthetic inputs');
  await expect(page.getByTestId('why-changed')).toContainText('synthetic input');
  await page.getByRole('button', { name: 'Show as table' }).last().click();
  await expect(page.getByRole('columnheader', { name: 'Noise added' })).toBeVisible();
});

test('a model of two classes has its ROC curve', async ({ page }) => {
  await openLinear(page, 'sigmoid', (score) => (score > 0 ? 'yes' : 'no'));
  const roc = page.getByRole('region', { name: 'ROC curve' });
  await expect(roc).toContainText(/before 0\.\d{4}|0\.\d{4}.*before/);
  expect(await violations(page)).toEqual([]);
});

test('predicted values stand against the true ones', async ({ page }) => {
  await openLinear(page, 'linear', (score) => score.toFixed(4));
  await expect(page.getByRole('img', { name: 'Predicted against true' })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Residuals/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Values that got worse' }).getByRole('row').nth(1)).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('axe finds nothing, wide and on a phone, as chart and as table', async ({ page }) => {
  await openIris(page);
  await openWhy(page);
  await bits(page).focus();
  for (let press = 0; press < 6; press++) await page.keyboard.press('ArrowLeft');
  await expect(page.locator('.why-changed .gallery li').nth(3)).toBeVisible();
  await page.locator('.why-path').getByRole('button', { name: 'Show as table' }).click();
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('navigation', { name: 'Parts of the studio' }).getByRole('button', { name: 'Layers' }).click();
  await expect(page.getByTestId('why-culprit')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(content).toBeLessThanOrEqual(screen ?? 0);
});
