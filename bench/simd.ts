/**
 * The SIMD kernels on one core, in a worker of Chromium: GFLOP/s of matrix products at several sizes, of which the best is the peak, and each
 * other kernel at the shapes of LeNet-5, ResNet8 and the depthwise sample (batch 128) as a share of that peak or in GB/s. All run in turn,
 * several short rounds, the best of each counts. The ratio is the least share of the convolution kernels over the 40 % wanted.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright';
import { findBrowser } from '../scripts/browser.mjs';
import { buildSimd } from '../scripts/build-simd.mjs';
import type { Bench } from './run.ts';
import { type SimdJob, simdJobs } from './simd-jobs.ts';

const wanted = 0.4;

/** What runs in the page's worker; it sees nothing of this module. */
const worker = `onmessage = async ({ data: { jobs, rounds, build } }) => {
  const pages = Math.ceil(Math.max(...jobs.map((job) => job.end)) / 65536) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
  const module = await WebAssembly.compileStreaming(fetch('/' + build + '.wasm'));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const floats = new Float32Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  const best = jobs.map(() => Infinity);
  const run = ({ calls }) => {
    for (const { name, at, block, blocks, scratch } of calls) exports[name](at, 0, blocks, scratch);
  };
  const prepare = ({ calls, end }) => {
    // Ordinary numbers: denormals and NaN would take other times.
    let state = 1;
    for (let i = 1024; i < end / 4; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      floats[i] = state / 2147483648;
    }
    for (const { at, block } of calls) words.set(block, at / 4);
  };
  // Several runs within one reading of the clock where they are short.
  const repeats = jobs.map((job) => {
    prepare(job);
    for (let i = 0; i < 30; i++) run(job);
    const start = performance.now();
    for (let i = 0; i < 10; i++) run(job);
    return Math.max(1, Math.min(1000, Math.round(5 / (performance.now() - start + 0.005))));
  });
  for (let round = 0; round < rounds; round++)
    jobs.forEach((job, j) => {
      prepare(job);
      const until = performance.now() + 25;
      do {
        const start = performance.now();
        for (let i = 0; i < repeats[j]; i++) run(job);
        best[j] = Math.min(best[j], (performance.now() - start) / repeats[j]);
      } while (performance.now() < until);
    });
  postMessage(best);
};`;

function serve() {
  const types = { '/': 'text/html', '/worker.js': 'text/javascript' } as Record<string, string>;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    response.setHeader('content-type', types[path] ?? 'application/wasm');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    if (path === '/') response.end('<!doctype html>');
    else if (path === '/worker.js') response.end(worker);
    else if (/^\/(plain|relaxed)\.wasm$/.test(path))
      response.end(readFileSync(new URL(`../src/engine/runtime/simd/build${path}`, import.meta.url)));
    else response.writeHead(404).end();
  });
  return new Promise<{ url: string; close: () => void }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}/`, close: () => void server.close() });
    });
  });
}

/** Milliseconds of each job. */
async function measure(jobs: readonly SimdJob[], rounds: number, build: string): Promise<readonly number[]> {
  const server = await serve();
  const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    return await page.evaluate(
      (work) =>
        new Promise<number[]>((resolve, reject) => {
          const thread = new Worker('/worker.js');
          thread.onmessage = ({ data }) => resolve(data);
          thread.onerror = ({ message }) => reject(new Error(message));
          thread.postMessage(work);
        }),
      { jobs, rounds, build },
    );
  } finally {
    await browser.close();
    server.close();
  }
}

const round = (value: number): number => Math.round(100 * value) / 100;

export const bench: Bench = {
  name: 'simd',
  summary: 'SIMD kernels on one core in Chromium, GFLOP/s and share of the matrix product',
  async run({ seeds }) {
    await buildSimd();
    const filter = process.env.SIMD_JOBS;
    const jobs = simdJobs().filter(({ label, kind }) => kind === 'product' || filter === undefined || label.includes(filter));
    const build = process.env.SIMD_BUILD ?? 'relaxed';
    const times = await measure(jobs, 8 * seeds, build);
    const speeds = jobs.map((job, i) => job.flops / (times[i] as number) / 1e6);
    const peak = Math.max(...speeds.filter((_, i) => jobs[i]?.kind === 'product'));
    const figures = Object.fromEntries(
      jobs.map(({ label, bytes, kind }, i) => {
        const ms = times[i] as number;
        const speed = speeds[i] as number;
        if (kind === 'stream') return [label, { ms: Number(ms.toPrecision(3)), gigabytesPerSecond: round(bytes / ms / 1e6) }];
        return [label, { ms: Number(ms.toPrecision(3)), gflops: round(speed), share: round(speed / peak) }];
      }),
    );
    const shares = speeds.filter((_, i) => jobs[i]?.kind === 'convolution').map((speed) => speed / peak);
    return {
      bench: 'simd',
      ratio: round(Math.min(...shares) / wanted),
      target: `each convolution kernel at ${100 * wanted} % of the peak of the matrix product or more`,
      build,
      peak: round(peak),
      figures,
    };
  },
};
