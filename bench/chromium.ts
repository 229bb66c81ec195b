/** A worker of the engine in Chromium, in an isolated page that Vite serves from the sources. */
import { resolve } from 'node:path';
import { chromium } from 'playwright';
import { serveBarePage } from '../scripts/bare-page.ts';
import { findBrowser } from '../scripts/browser.mjs';
import { buildSimd } from '../scripts/build-simd.mjs';
import type { Learned, Lesson } from './lesson.ts';
import type { SpeedRequest } from './speed.worker.ts';

export interface Chromium {
  /** Sends a request to the worker and waits for what it answers. */
  ask<T>(request: SpeedRequest | Lesson): Promise<T>;
  close(): Promise<void>;
}

/** A worker that trains; lessons name files by their paths. */
export interface School {
  learn(lesson: Lesson): Promise<Learned>;
  close(): Promise<void>;
}

/** What runs in the page, as text: a compiler of this module would put names of its own into it. */
const connect = (worker: string) => `const worker = new Worker('/bench/${worker}.worker.ts', { type: 'module' });
window.ask = (request) => new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data.result) : reject(new Error(data.error)));
  worker.onerror = ({ message }) => reject(new Error('The worker failed: ' + message));
  worker.postMessage(request);
});
'connected'`;

/** Where the bare page finds files of this machine. */
const addressesOf = (paths: readonly string[]) => paths.map((path) => encodeURI(`/file${resolve(path)}`));

export async function openSchool(): Promise<School> {
  const { ask, close } = await openChromium('lesson');
  return {
    learn({ start, material, ...rest }) {
      const { training, test } = material;
      return ask<Learned>({
        ...rest,
        start: 'files' in start ? { files: addressesOf(start.files) } : start,
        material: { ...material, training: addressesOf(training), test: addressesOf(test) },
      });
    },
    close,
  };
}

export async function openChromium(worker: 'speed' | 'lesson' = 'speed'): Promise<Chromium> {
  await buildSimd();
  const bare = await serveBarePage('bench', {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`${bare.address}/bare`);
  await page.evaluate(connect(worker));
  return {
    ask: <T>(request: SpeedRequest | Lesson) =>
      page.evaluate((sent) => (window as unknown as { ask(sent: unknown): Promise<unknown> }).ask(sent), request) as Promise<T>,
    async close() {
      await browser.close();
      await bare.close();
    },
  };
}
