/**
 * Inference in a worker of Chromium: our executor on the backend `simd`, which the studio starts with, and on TF.js WASM, in turn with stock
 * `LayersModel.predict` of the same weights on TF.js WASM, at batch sizes of 1, 32 and 128, and with PyTorch at 128. The best of several
 * short rounds counts. The ratio is the least over nets and batch sizes of stock's time over ours on `simd`; 1 is "never slower".
 */
import { openChromium } from './chromium.ts';
import { inTurn } from './in-turn.ts';
import type { Bench } from './run.ts';
import { type SpeedNet, speedNets } from './speed-nets.ts';
import { openTorch } from './torch.ts';

const batches = [1, 32, 128];
const milliseconds = 300;
const rounds = 3;

const rounded = (value: number): number => Math.round(100 * value) / 100;

export const bench: Bench = {
  name: 'infer',
  summary: 'answers in a tab against stock LayersModel.predict on TF.js wasm; at least as fast on every net and batch',
  async run({ seeds }) {
    const chromium = await openChromium();
    const [reference, openblas] = [openTorch('reference'), openTorch('openblas')];
    try {
      const nets: Record<string, { stockOver: Record<string, number>; imagesPerSecond: Record<string, number> }> = {};
      for (const net of Object.keys(speedNets) as SpeedNet[]) {
        for (const batch of batches) {
          const job = { job: 'infer', backend: 'simd', net, batch, milliseconds } as const;
          const whole = batch === 128;
          const times = await inTurn(
            {
              wasm: () => chromium.ask<number>({ ...job, backend: 'wasm' }),
              simd: () => chromium.ask<number>(job),
              stock: () => chromium.ask<number>({ ...job, job: 'stock', backend: 'wasm' }),
              ...(whole && reference && { reference: () => reference.time(job) }),
              ...(whole && openblas && { openblas: () => openblas.time(job) }),
            },
            rounds * seeds,
          );
          const { stock = Number.NaN, ...others } = times;
          const figures = (of: object, make: (ms: number) => number) =>
            Object.fromEntries(Object.entries(of).map(([name, ms]) => [name, make(ms)]));
          nets[`${net} × ${batch}`] = {
            stockOver: figures(others, (ms) => rounded(stock / ms)),
            imagesPerSecond: figures(times, (ms) => Math.round((1000 * batch) / ms)),
          };
        }
      }
      const least = (name: string) => Math.min(...Object.values(nets).map(({ stockOver }) => stockOver[name] ?? Number.NaN));
      const target = 'stock time / our time of every net at least 1';
      return { bench: 'infer', ratio: least('simd'), target, wasm: least('wasm'), nets };
    } finally {
      reference?.close();
      openblas?.close();
      await chromium.close();
    }
  },
};
