/** A worker of the engine in Chromium, in an isolated page that Vite serves from the sources. */
import { chromium } from 'playwright';
import { serveBarePage } from '../scripts/bare-page.ts';
import { findBrowser } from '../scripts/browser.mjs';
import { buildSimd } from '../scripts/build-simd.mjs';
import type { SpeedRequest } from './speed.worker.ts';

export interface Chromium {
  /** Sends a request to the worker and waits for what it answers. */
  ask<T>(request: SpeedRequest): Promise<T>;
  close(): Promise<void>;
}

/** What runs in the page, as text: a compiler of this module would put names of its own into it. */
const connect = `const worker = new Worker('/bench/speed.worker.ts', { type: 'module' });
window.ask = (request) => new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data.result) : reject(new Error(data.error)));
  worker.onerror = ({ message }) => reject(new Error('The worker failed: ' + message));
  worker.postMessage(request);
});
'connected'`;

export async function openChromium(): Promise<Chromium> {
  await buildSimd();
  const bare = await serveBarePage('bench', {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`${bare.address}/bare`);
  await page.evaluate(connect);
  return {
    ask: <T>(request: SpeedRequest) =>
      page.evaluate((sent) => (window as unknown as { ask(sent: unknown): Promise<unknown> }).ask(sent), request) as Promise<T>,
    async close() {
      await browser.close();
      await bare.close();
    },
  };
}
