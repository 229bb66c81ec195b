/**
 * The GPU backends against the plain JavaScript one, op by op, in a real browser: the cases of `src/engine/model/ops/cases.ts` run in a
 * bare page that Vite serves from the sources. The GPU may be an imitation; numbers are compared, never times.
 */
import { execFileSync } from 'node:child_process';
import { expect, type Page, test } from '@playwright/test';
import { type BarePage, serveBarePage } from '../scripts/bare-page.ts';
import { findBrowser } from '../scripts/browser.mjs';

test.use({
  launchOptions: {
    executablePath: findBrowser() ?? '',
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  },
});

// An imitated GPU compiles shaders slowly.
test.describe.configure({ timeout: 300_000 });

let bare: BarePage;

test.beforeAll(async () => {
  bare = await serveBarePage('backends');
});

test.afterAll(() => bare.close());

interface Difference {
  readonly name: string;
  readonly difference: number;
  readonly tolerance: number;
}

/** Every op on the processor, then on the GPU backend, in the page; the build with fused multiply-add beside the one without. */
function compareOps(page: Page, backend: 'simd' | 'webgl' | 'webgpu'): Promise<Difference[]> {
  return page.evaluate(async (name) => {
    const source = '/src/engine';
    const cases: typeof import('../src/engine/model/ops/cases.ts') = await import(`${source}/model/ops/cases.ts`);
    const backends: typeof import('../src/engine/runtime/backends.ts') = await import(`${source}/runtime/backends.ts`);
    const opCases = name === 'simd' ? cases.opCases : cases.gpuCases[name];
    await backends.startBackend(name === 'simd' ? 'simd-plain' : 'cpu');
    const expected = [];
    for (const opCase of opCases) expected.push(await cases.runCase(opCase));
    await backends.startBackend(name);
    const differences = [];
    for (const [index, opCase] of opCases.entries()) {
      const found = await cases.runCase(opCase);
      const difference = cases.relativeDifference(expected[index]?.values ?? new Float32Array(), found.values);
      differences.push({ name: opCase.name, difference, tolerance: cases.backendTolerance[name] });
    }
    backends.requireDevice(name);
    return differences;
  }, backend);
}

for (const backend of ['webgl', 'webgpu'] as const) {
  test(`${backend} agrees with the processor on every op`, async ({ page }) => {
    await page.goto(`${bare.address}/bare`);
    const differences = await compareOps(page, backend);
    expect(differences.length).toBeGreaterThan(80);
    expect(differences.filter(({ difference, tolerance }) => !(difference <= tolerance))).toEqual([]);
  });
}

/** How far a tiny training on a backend ends from the same one on the processor, relative to how far it went. */
function compareTrainings(page: Page, backend: 'simd' | 'webgl' | 'webgpu'): Promise<number> {
  return page.evaluate(async (name) => {
    const source = '/src/engine';
    const tiny: typeof import('../src/engine/testing/tiny-training.ts') = await import(`${source}/testing/tiny-training.ts`);
    const backends: typeof import('../src/engine/runtime/backends.ts') = await import(`${source}/runtime/backends.ts`);
    await backends.startBackend('cpu');
    const expected = await tiny.trainTiny('labels', 'few');
    await backends.startBackend(name);
    const found = await tiny.trainTiny('labels', 'few');
    backends.requireDevice(name);
    return tiny.partedBy(expected, found);
  }, backend);
}

for (const backend of ['webgl', 'webgpu'] as const) {
  test(`${backend} takes the same training steps as the processor`, async ({ page }) => {
    await page.goto(`${bare.address}/bare`);
    expect(await compareTrainings(page, backend)).toBeLessThan(1e-3);
  });
}

test('a recipe that trains gives the same bytes on the page and in Node without fused multiply-add, and nearly the same steps and answers with it', async ({
  page,
}) => {
  const code = `import('./src/engine/testing/tiny-recipe.ts').then(async (tiny) => console.log(await tiny.tinyRecipeHash('simd-plain')))`;
  const inNode = execFileSync(process.execPath, ['--import', 'tsx', '--eval', code], { encoding: 'utf8' }).trim();
  expect(inNode).toMatch(/^[0-9a-f]{64}$/);
  await page.goto(`${bare.address}/bare`);
  const inPage = await page.evaluate(async () => {
    const source = '/src/engine';
    const tiny: typeof import('../src/engine/testing/tiny-recipe.ts') = await import(`${source}/testing/tiny-recipe.ts`);
    return [await tiny.tinyRecipeHash('simd-plain'), await tiny.tinyRecipeHash('simd-plain')];
  });
  expect(inPage).toEqual([inNode, inNode]);
  expect(await compareTrainings(page, 'simd')).toBeLessThan(1e-4);
  const fused = await compareOps(page, 'simd');
  expect(fused.length).toBeGreaterThan(80);
  expect(fused.filter(({ difference, tolerance }) => !(difference <= tolerance))).toEqual([]);
});

/** Predicts on a GPU backend, takes its device away, predicts again, then once more on the processor. */
function loseDevice(page: Page, backend: 'webgl' | 'webgpu'): Promise<{ readonly failure: string; readonly difference: number }> {
  return page.evaluate(async (name) => {
    const source = '/src/engine';
    const cases: typeof import('../src/engine/model/ops/cases.ts') = await import(`${source}/model/ops/cases.ts`);
    const backends: typeof import('../src/engine/runtime/backends.ts') = await import(`${source}/runtime/backends.ts`);
    const executor: typeof import('../src/engine/runtime/executor.ts') = await import(`${source}/runtime/executor.ts`);
    type Method = (this: object, ...parameters: unknown[]) => unknown;
    const made: unknown[] = [];
    const remember = (prototype: object, method: string): void => {
      const original = Reflect.get(prototype, method) as Method;
      const replacement: Method = function (...parameters) {
        const result = original.apply(this, parameters);
        made.push(result);
        return result;
      };
      Reflect.set(prototype, method, replacement);
    };
    if (name === 'webgl') remember(OffscreenCanvas.prototype, 'getContext');
    else remember(Reflect.get(globalThis, 'GPUAdapter').prototype, 'requestDevice');

    const opCase = cases.opCases[0];
    if (opCase === undefined) throw new Error('There are cases.');
    const model = cases.caseModel(opCase);
    await backends.startBackend(name);
    const predictor = await executor.createPredictor(model);
    const [before = new Float32Array()] = await predictor.predict(cases.caseInputs(opCase), 2);
    for (const context of made) {
      const device = (await context) as { destroy?(): void; getExtension?(extension: string): { loseContext(): void } | null };
      if (name === 'webgl') device?.getExtension?.('WEBGL_lose_context')?.loseContext();
      else device.destroy?.();
    }
    const failure = await predictor.predict(cases.caseInputs(opCase), 2).then(
      () => 'it answered',
      (error: unknown) => (backends.isDeviceLoss(error) ? 'the device was lost' : String(error)),
    );
    await backends.startBackend('cpu');
    const second = await executor.createPredictor(model);
    const [after = new Float32Array()] = await second.predict(cases.caseInputs(opCase), 2);
    return { failure, difference: cases.relativeDifference(before, after) };
  }, backend);
}

for (const backend of ['webgl', 'webgpu'] as const) {
  test(`a lost ${backend} device is an error, never an answer, and the work goes on elsewhere`, async ({ page }) => {
    await page.goto(`${bare.address}/bare`);
    const { failure, difference } = await loseDevice(page, backend);
    expect(failure).toBe('the device was lost');
    expect(difference).toBeLessThan(1e-4);
  });
}
