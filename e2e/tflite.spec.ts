/** TFLite from the page: every kind weighed, an int8 file calibrated, saved, run in Google's interpreter, and opened again. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { drop, measured, openIris, violations } from './studio.ts';

test('an int8 file is calibrated, saved, measured in LiteRT beside float32, and opens again', async ({ page }, info) => {
  await openIris(page);
  const panel = page.getByRole('region', { name: 'Export', exact: true });
  const rows = panel.locator('.format');
  await expect(rows.locator('.format-bytes')).toHaveText(Array.from({ length: 8 }, () => /kB$/));
  await expect(rows.filter({ hasText: 'for devices' })).toContainText('TFLite int8');

  await panel.getByRole('radio', { name: /^TFLite int8/ }).check();
  const downloaded = page.waitForEvent('download');
  await panel.getByRole('button', { name: 'Save the compressed model' }).click();
  const download = await downloaded;
  expect(download.suggestedFilename()).toBe('iris-nutshell.tflite');
  await expect(panel.locator('.verified')).toContainText(/Re-opened by our own reader: same \d+ of 90/);
  await expect(panel).toContainText('60 of the 150 samples were for calibration');
  await expect(panel.getByRole('button', { name: 'iris_nutshell.h' })).toBeVisible();
  await panel.getByLabel('Runtime').selectOption('C++');
  await expect(panel.locator('.load-code')).toContainText('MicroInterpreter');

  await panel.getByRole('button', { name: 'Measure in LiteRT' }).click();
  const figures = panel.getByRole('table', { name: 'Measured in LiteRT' });
  await expect(figures.getByRole('row').filter({ hasText: 'Same answer as simulated' })).toContainText('100 %');
  await expect(figures.getByRole('row').filter({ hasText: 'Time a sample' })).toContainText('As float32');
  await expect(panel).toContainText('Simulation and LiteRT answer alike in all 3 classes.');
  await panel.getByRole('button', { name: 'All classes' }).click();
  const classes = panel.getByRole('table', { name: 'Simulated against LiteRT, by class' });
  await expect(classes.getByRole('row').filter({ hasText: 'setosa' })).toContainText(/(\d+) of \1(\d+) → \2/);
  // Each row says what was measured for its own kind, and where.
  await expect(rows.filter({ hasText: 'TFLite int8' })).toContainText(/Accuracy .+ in LiteRT.*Time .+ in LiteRT/);
  await expect(rows.filter({ hasText: 'TF.js layers' })).toContainText(/Accuracy .+ in the run.*Time .+ in the run/);
  await expect(rows.filter({ hasText: 'TFLite dynamic' })).not.toContainText('Accuracy');
  await panel.getByRole('button', { name: 'Measure every TFLite kind' }).click();
  for (const kind of ['dynamic', 'float16', 'float32', 'int8'])
    await expect(rows.filter({ hasText: `TFLite ${kind}` })).toContainText(/Accuracy .+ in LiteRT.*Time .+ in LiteRT/);
  await expect(panel.locator('.verified')).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const path = info.outputPath('iris.tflite');
  await download.saveAs(path);
  await drop(page, [{ name: 'iris.tflite', bytes: await readFile(path) }]);
  await expect(page.locator('.pill')).toContainText('tflite');
  await measured(page);
});
