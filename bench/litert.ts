/**
 * LiteRT.js in Chromium: what a browser makes of .tflite files with float ends, and how long it takes. A page of its own, served with the
 * package's files as they are; runs alternate between the files, so that what else the machine does falls on all alike.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { findBrowser } from '../scripts/browser.mjs';

export interface LiteRtFigures {
  /** Median time of a run, ms. */
  readonly ms: number;
  /** The first output for the given input. */
  readonly output: readonly number[];
}

const modules = join(import.meta.dirname, '../node_modules/@litertjs');
const page = `<!doctype html><script type="importmap">
{"imports": {"@litertjs/core": "/core/dist/index.js", "@litertjs/wasm-utils": "/wasm-utils/dist/index.js"}}
</script><script type="module">import * as litert from '@litertjs/core'; window.litert = litert;</script>`;

const types: Readonly<Record<string, string>> = { js: 'text/javascript', wasm: 'application/wasm', '': 'text/html' };

function serve(files: Readonly<Record<string, Uint8Array>>) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    const name = path.startsWith('/file/') ? path.slice('/file/'.length) : '';
    const extension = path === '/' ? '' : (path.split('.').at(-1) ?? '');
    response.setHeader('content-type', types[extension] ?? 'application/octet-stream');
    // An isolated page has clocks of 5 µs; others see tenths of a millisecond.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    try {
      response.end(path === '/' ? page : (files[name] ?? readFileSync(join(modules, path))));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  return new Promise<{ url: string; close: () => void }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/`, close: () => void server.close() });
    });
  });
}

interface Job {
  readonly names: readonly string[];
  readonly input: readonly number[];
  readonly shape: readonly number[];
  readonly runs: number;
}

/** What runs in the page; it sees nothing of this module, not even the names that a bundler gives to inner functions. */
async function measure({ names, input, shape, runs }: Job): Promise<{ times: number[]; output: number[] }[]> {
  const { litert } = window as unknown as { litert: typeof import('@litertjs/core') };
  await litert.loadLiteRt('/core/wasm/');
  const models = await Promise.all(names.map((name) => litert.loadAndCompile(`/file/${name}`, { accelerator: 'wasm' })));
  const x = new litert.Tensor(Float32Array.from(input), [...shape]);
  const results = names.map((): { times: number[]; output: number[] } => ({ times: [], output: [] }));
  for (let run = -10; run < runs; run++) {
    for (const [i, model] of models.entries()) {
      const start = performance.now();
      const [output] = await model.run([x]);
      const took = performance.now() - start;
      const result = results[i];
      if (run >= 0) result?.times.push(took);
      if (run === 0 && result && output) result.output = [...output.toTypedArray()];
      output?.delete();
    }
  }
  return results;
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

/** Times and first answers of files by name, for one input. */
export async function inLiteRt(
  files: Readonly<Record<string, Uint8Array>>,
  input: Float32Array,
  shape: readonly number[],
  runs = 100,
): Promise<Record<string, LiteRtFigures>> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('There is no Chromium: set CHROMIUM_PATH.');
  const server = await serve(files);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    await tab.goto(server.url);
    await tab.waitForFunction(() => 'litert' in window);
    const names = Object.keys(files);
    const results = await tab.evaluate(measure, { names, input: [...input], shape, runs });
    return Object.fromEntries(
      names.map((name, i) => [name, { ms: median(results[i]?.times ?? []), output: results[i]?.output ?? [] }]),
    );
  } finally {
    await browser.close();
    server.close();
  }
}
