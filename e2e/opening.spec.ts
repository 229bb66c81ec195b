/** Ways in: dropped files, data, pasted files, and files that are no models. Nothing is asked of any other host. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import * as tf from '@tensorflow/tfjs';
import { unzipSync } from 'fflate';
import { tinyLayersModel, tinyWeights } from '../src/engine/testing/model-files.ts';
import { tinyGraphFiles } from '../src/engine/testing/tiny-graph.ts';
import { loadStock } from '../src/engine/verify.ts';
import { drop, filesOf, irisData, irisModel, measured, openIris, sizeAfter } from './studio.ts';

test('a model of several files and its data are dropped anywhere, together', async ({ page, baseURL }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(baseURL ?? '') && !/^(blob|data):/.test(url)) foreign.push(url);
  });
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await drop(page, [...(await filesOf(irisModel)), ...(await filesOf(irisData))]);
  await expect(page.getByRole('region', { name: 'Data' })).toContainText('150 rows');
  await expect(page.getByRole('region', { name: 'Data' }).getByLabel('Fed as')).toHaveValue('standardize');
  await measured(page);
  await expect(page.locator('[data-metric="accuracy/top1"]')).toContainText('%');
  expect(foreign).toEqual([]);
});

test('without data the rest is measured, marked as synthetic', async ({ page }) => {
  await openIris(page);
  await page.getByRole('button', { name: 'Without data' }).click();
  await expect(page.getByText(/^No data\./)).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await measured(page);
  await expect(page.getByTestId('run-done')).toContainText('synthetic input, no real data');
  await expect(page.locator('[data-metric="accuracy/top1"]')).toHaveCount(0);
  // Int8 needs data to calibrate with; the other formats are there.
  const formats = page.locator('.format');
  await expect(formats.filter({ hasText: 'for devices' })).toContainText('TFLite dynamic range');
  await expect(formats.filter({ hasText: 'TFLite int8' }).locator('.format-bytes')).toHaveText('–');
  await test.step('files are pasted as they are dropped', async () => {
    const files = (await filesOf(irisModel)).map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }));
    await page.evaluate((given) => {
      const data = new DataTransfer();
      for (const { name, base64 } of given) {
        data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
      }
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, files);
    await expect(page.getByText('About this sample')).toHaveCount(0);
    await expect(page.getByTestId('hero-before')).toContainText('kB');
  });
  await test.step('a graph-model is compressed and saved as one, and says why other things are off', async () => {
    const graph = tinyGraphFiles().map(async ({ path, bytes }) => ({ name: path, bytes: Buffer.from(await bytes()) }));
    await drop(page, await Promise.all(graph));
    await expect(page.getByText(/Import notes/)).toBeVisible();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await measured(page);
    await expect(page.getByRole('option', { name: /needs layers/ }).first()).toBeDisabled();
    await expect(formats.filter({ hasText: 'TF.js graph model' }).locator('.format-bytes')).toContainText('kB');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the compressed model' }).click();
    const saved = await readFile(await (await saving).path());
    await expect(page.getByText(/stock TF\.js/).first()).toBeVisible();
    await page.getByRole('tab', { name: 'See why' }).click();
    await expect(page.getByText('runs as a whole')).toBeVisible();
    await drop(page, [{ name: 'saved.zip', bytes: saved }]);
    await expect(page.getByText('keep their codes')).toBeAttached();
  });
});

test('files that are no model say what, why and what to do, and leave the session as it was', async ({ page }) => {
  await openIris(page);
  const before = await sizeAfter(page).textContent();
  await drop(page, [{ name: 'model.h5', bytes: Buffer.from('<!DOCTYPE html><html><body>Not found</body></html>') }]);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('This is a web page, not a model');
  await expect(alert).toContainText('FORMAT_HTML');
  await expect(alert.getByRole('button', { name: 'Copy details' })).toBeVisible();
  await expect(sizeAfter(page)).toHaveText(before ?? '');
  await alert.getByRole('button', { name: 'Dismiss' }).click();
  await expect(alert).toHaveCount(0);

  await drop(page, await filesOf(irisModel.slice(0, 1)));
  await expect(alert).toContainText('weights.bin');

  // Weights that are not numbers are named, and can be opened all the same.
  const [topology, weights] = await filesOf(irisModel);
  if (topology === undefined || weights === undefined) throw new Error('The iris sample has two files.');
  const spoiled = Buffer.from(weights.bytes);
  spoiled.writeFloatLE(Number.NaN, 0);
  await drop(page, [topology, { name: weights.name, bytes: spoiled }]);
  await expect(alert).toContainText('not numbers');
  await page.getByRole('button', { name: 'Open anyway' }).click();
  await expect(page.getByText(/Import notes/)).toBeVisible();
  await expect(alert).toContainText('hidden1/kernel');
  await page.getByRole('button', { name: 'Leave hidden1 as it is' }).click();
  await expect(alert).toHaveCount(0);
  await expect(page.getByText('Some layers')).toBeVisible();

  // What Keras 3 writes, stock TF.js refuses: it opens here with notes, and the repaired model is one that stock TF.js loads.
  const { json, shards } = tinyLayersModel(3);
  const parts = await Promise.all(shards.map(async ({ path, bytes }) => ({ path, bytes: await bytes() })));
  const original = { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) };
  await expect(loadStock(tf, [original, ...parts])).rejects.toThrow('batchInputShape');
  await drop(
    page,
    [original, ...parts].map(({ path, bytes }) => ({ name: path, bytes: Buffer.from(bytes) })),
  );
  const notes = page.locator('details.notes');
  // The notes of the model before stay until this one is open; opened too early they would close with it.
  await expect(notes).toContainText('Read the Keras 3 input shape (batch_shape), which stock TF.js refuses.');
  await expect(notes).toContainText('Left out');
  await notes.getByText(/^Import notes/).click();
  const downloaded = page.waitForEvent('download');
  await notes.getByRole('button', { name: 'Save the repaired, uncompressed model' }).click();
  const archive = unzipSync(await readFile(await (await downloaded).path()));
  const files = Object.entries(archive).map(([path, bytes]) => ({ path, bytes: Uint8Array.from(bytes) }));
  const stock = await loadStock(tf, files);
  expect(stock.outputs.map(({ shape }) => shape)).toEqual([[null, 4]]);
  expect(stock.countParams()).toBe(tinyWeights().reduce((sum, { values }) => sum + values.length, 0));
  stock.dispose();

  await test.step('it is saved for Keras 3 as well, and opens again', async () => {
    await page.locator('.format').filter({ hasText: '.keras' }).getByRole('radio').check();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the compressed model' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/\.keras$/);
    await drop(page, [{ name: 'again.keras', bytes: await readFile(await saved.path()) }]);
    await expect(page.locator('.pill')).toContainText('again');
    await expect(notes).toContainText('Matched weights by class and order');
  });

  await test.step('a model that takes pictures of any size is measured at the one that is chosen', async () => {
    const net = anySizeNet();
    await drop(page, [
      { name: 'model.json', bytes: Buffer.from(JSON.stringify(net.json)) },
      { name: 'a.bin', bytes: net.weights },
    ]);
    const size = page.getByRole('combobox', { name: 'Input size' });
    await expect(size).toHaveValue('224 × 224');
    const conv = page.getByRole('row').filter({ hasText: 'conv' });
    await expect(conv).toContainText('222');
    await size.selectOption('96 × 96');
    await expect(conv).toContainText('94');
    await size.selectOption('other');
    await page.getByLabel('Other input size').fill('1x1');
    await page.getByRole('button', { name: 'Measure', exact: true }).click();
    await expect(alert).toContainText('does not fit its input');
    await expect(size).toHaveValue('96 × 96');
  });
});

/** A convolution whose input leaves height and width open, as a layers-model. */
function anySizeNet() {
  const layers = [
    { class_name: 'Conv2D', config: { name: 'conv', filters: 2, kernel_size: [3, 3], batch_input_shape: [null, null, null, 3] } },
    { class_name: 'GlobalAveragePooling2D', config: { name: 'mean' } },
  ];
  const shapes = { kernel: [3, 3, 3, 2], bias: [2] };
  const weights = Object.entries(shapes).map(([role, shape]) => ({ name: `conv/${role}`, shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    modelTopology: { model_config: { class_name: 'Sequential', config: { name: 'any-size', layers } } },
    weightsManifest: [{ paths: ['a.bin'], weights }],
  };
  return { json, weights: Buffer.from(Float32Array.from({ length: 56 }, (_, i) => Math.sin(i)).buffer) };
}
