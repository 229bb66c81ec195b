/**
 * LiteRT.js in Chromium: what a browser makes of .tflite files with float ends, and how long it takes. A page of its own, served with the
 * package's files as they are; runs alternate between the files, so that what else the machine does falls on all alike.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { findBrowser } from '../scripts/browser.mjs';
import { parseTflite } from '../src/engine/formats/tflite/parse.ts';

export interface LiteRtFigures {
  /** Median time of a run, ms. */
  readonly ms: number;
  /** The least time, which other work on the machine does not lengthen. */
  readonly least: number;
  /** The first output for the given input. */
  readonly output: readonly number[];
}

const modules = join(import.meta.dirname, '../node_modules/@litertjs');
const page = `<!doctype html><script type="importmap">
{"imports": {"@litertjs/core": "/core/dist/index.js", "@litertjs/wasm-utils": "/wasm-utils/dist/index.js"}}
</script><script type="module">import * as litert from '@litertjs/core'; window.litert = litert;</script>`;

const types: Readonly<Record<string, string>> = { js: 'text/javascript', wasm: 'application/wasm', '': 'text/html' };

/** LiteRT.js' table of types of tensors, which lacks int8: what Google's own integer files take and give. */
const withInt8 = (code: string): string =>
  code.replace(
    'var DATATYPES = Object.freeze([',
    '$&{ dtype: "int8", typedArrayConstructor: Int8Array, elementType: ElementType.INT8 }, ',
  );

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
      const module = path === '/core/dist/index.js';
      const read = () => (module ? withInt8(readFileSync(join(modules, path), 'utf8')) : readFileSync(join(modules, path)));
      response.end(path === '/' ? page : (files[name] ?? read()));
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
  /** Files that take int8 are fed with whole numbers. */
  readonly integers: readonly string[];
  readonly input: readonly number[];
  readonly shape: readonly number[];
  readonly runs: number;
}

/** What runs in the page; it sees nothing of this module, not even the names that a bundler gives to inner functions. */
async function measure({ names, integers, input, shape, runs }: Job): Promise<{ times: number[]; output: number[] }[]> {
  const { litert } = window as unknown as { litert: typeof import('@litertjs/core') };
  await litert.loadLiteRt('/core/wasm/');
  const models = await Promise.all(names.map((name) => litert.loadAndCompile(`/file/${name}`, { accelerator: 'wasm' })));
  const x = new litert.Tensor(Float32Array.from(input), [...shape]);
  // The typings know no int8 either.
  const codes = Int8Array.from(input) as unknown as Float32Array<ArrayBuffer>;
  const feeds = names.map((name) => (integers.includes(name) ? new litert.Tensor(codes, [...shape]) : x));
  const results = names.map((): { times: number[]; output: number[] } => ({ times: [], output: [] }));
  for (let run = -10; run < runs; run++) {
    for (const [i, model] of models.entries()) {
      const start = performance.now();
      const [output] = await model.run(feeds[i] as typeof x);
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

/** A page with LiteRT.js and some files, for the time of `work`. */
async function inPage<T>(files: Readonly<Record<string, Uint8Array>>, work: (page: Page) => Promise<T>): Promise<T> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('There is no Chromium: set CHROMIUM_PATH.');
  const server = await serve(files);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    await tab.goto(server.url);
    await tab.waitForFunction(() => 'litert' in window);
    return await work(tab);
  } finally {
    await browser.close();
    server.close();
  }
}

/** A file with float ends and what goes into it, shapes with their batch of one. */
export interface LiteRtJob {
  readonly bytes: Uint8Array;
  readonly inputs: readonly { readonly values: readonly number[]; readonly shape: readonly number[] }[];
}

/** What runs in the page, as `measure` does: one file after the other. */
async function answerAll(jobs: readonly LiteRtJob['inputs'][]): Promise<(number[][] | string)[]> {
  const { litert } = window as unknown as { litert: typeof import('@litertjs/core') };
  await litert.loadLiteRt('/core/wasm/');
  const all: (number[][] | string)[] = [];
  for (const [index, samples] of jobs.entries()) {
    try {
      const model = await litert.loadAndCompile(`/file/${index}`, { accelerator: 'wasm' });
      const inputs = samples.map(({ values, shape }) => new litert.Tensor(Float32Array.from(values), [...shape]));
      const outputs = await model.run(inputs);
      all.push(outputs.map((output) => [...output.toTypedArray()]));
      for (const tensor of [...inputs, ...outputs]) tensor.delete();
      model.delete();
    } catch (error) {
      all.push(String(error));
    }
  }
  return all;
}

/** The outputs of each file for one sample, or why LiteRT.js refuses it. */
export function answersInLiteRt(jobs: readonly LiteRtJob[]): Promise<(number[][] | string)[]> {
  const files = Object.fromEntries(jobs.map(({ bytes }, index) => [index, bytes]));
  const samples = jobs.map(({ inputs }) => inputs);
  return inPage(files, (page) => page.evaluate(answerAll, samples));
}

function takesIntegers(bytes: Uint8Array): boolean {
  const { tensors, inputs } = parseTflite(bytes, 'model.tflite');
  return tensors[inputs[0] ?? 0]?.type === 'INT8';
}

/** Times and first answers of files by name, for one input. */
export async function inLiteRt(
  files: Readonly<Record<string, Uint8Array>>,
  input: Float32Array,
  shape: readonly number[],
  runs = 100,
): Promise<Record<string, LiteRtFigures>> {
  const names = Object.keys(files);
  const integers = names.filter((name) => takesIntegers(files[name] ?? new Uint8Array()));
  const results = await inPage(files, (page) => page.evaluate(measure, { names, integers, input: [...input], shape, runs }));
  return Object.fromEntries(
    names.map((name, i) => {
      const { times = [], output = [] } = results[i] ?? {};
      return [name, { ms: median(times), least: Math.min(...times), output }];
    }),
  );
}
