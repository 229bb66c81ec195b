/**
 * Training: images per second of our whole loop (gradients, Adam, everything) on the backend `simd` in a worker of Chromium, batch 128, in turn
 * with PyTorch as Debian installs it and with OpenBLAS, each on one or two threads, whichever is faster, and with TF.js WASM and its gradient
 * kernels. The best of several short rounds counts. GFLOP/s count products and sums of convolutions and dense layers: three times those
 * of a forward pass, but for the input gradient of the first layer. The ratio is the least over the nets of convolutions of ours
 * over PyTorch's as installed, and of twice ours over PyTorch's with OpenBLAS.
 */
import { modelMacs, nodeMacs } from '../src/engine/model/topology.ts';
import { openChromium } from './chromium.ts';
import { inTurn } from './in-turn.ts';
import type { Bench } from './run.ts';
import { type SpeedNet, speedNets } from './speed-nets.ts';
import { openTorch } from './torch.ts';

const batch = 128;
const milliseconds = 600;
const rounds = 3;

/** Floating-point operations of one sample's step: forward, and the gradients of inputs and of weights. */
function stepFlops(net: SpeedNet): number {
  const model = speedNets[net]();
  const [first = 0] = [...nodeMacs(model).values()].filter((macs) => macs > 0);
  return 2 * (3 * modelMacs(model) - first);
}

const rounded = (value: number): number => Math.round(100 * value) / 100;

export const bench: Bench = {
  name: 'train',
  summary: 'training in a tab against PyTorch on the same processor; as fast as installed, half as fast as with OpenBLAS',
  async run({ seeds }) {
    const chromium = await openChromium();
    const [reference, openblas] = [openTorch('reference'), openTorch('openblas')];
    try {
      const request = { backend: 'simd', net: 'lenet5', batch, milliseconds } as const;
      const nets: Record<string, unknown> = {};
      const shares: number[] = [];
      let peak = 0;
      for (const net of Object.keys(speedNets) as SpeedNet[]) {
        const job = { ...request, job: 'train', net } as const;
        const times = await inTurn(
          {
            product: () => chromium.ask<number>({ ...job, job: 'product' }),
            simd: () => chromium.ask<number>(job),
            wasm: () => chromium.ask<number>({ ...job, backend: 'wasm' }),
            ...(reference && { reference: () => reference.time(job) }),
            ...(openblas && { openblas: () => openblas.time(job) }),
          },
          rounds * seeds,
        );
        const { product = Number.NaN, simd = Number.NaN } = times;
        peak = Math.max(peak, (2 * 512 ** 3) / product / 1e6);
        const speeds = Object.entries(times).filter(([name]) => name !== 'product');
        const gflops = (batch * stepFlops(net)) / simd / 1e6;
        const over = Object.fromEntries(
          speeds.filter(([name]) => name !== 'simd').map(([name, ms]) => [name, rounded(ms / simd)]),
        );
        if (net !== 'lenet-300-100')
          shares.push(
            ...[over.reference, 2 * (over.openblas ?? Number.NaN)].flatMap((share) =>
              share === undefined || Number.isNaN(share) ? [] : [share],
            ),
          );
        nets[net] = {
          imagesPerSecond: Object.fromEntries(speeds.map(([name, ms]) => [name, Math.round((1000 * batch) / ms)])),
          over,
          gflops: rounded(gflops),
          shareOfProduct: rounded((gflops * product) / ((2 * 512 ** 3) / 1e6)),
          kernelMilliseconds: await chromium.ask({ ...job, job: 'profile' }),
        };
      }
      // Helpers count from when they first look out for work.
      const { threads, build } = await chromium.ask<{ threads: number; build: string }>({ ...request, job: 'threads' });
      return {
        bench: 'train',
        ratio: shares.length === 0 ? null : rounded(Math.min(...shares)),
        target:
          'LeNet-5, ResNet8 and the depthwise net at least as fast as PyTorch as installed, and half as fast as with OpenBLAS',
        ...{ batch, threads, build, productGflops: rounded(peak), nets },
      };
    } finally {
      reference?.close();
      openblas?.close();
      await chromium.close();
    }
  },
};
