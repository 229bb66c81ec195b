/**
 * Memory and kernels together: the module that fits this engine over one shared memory, and `run`, which writes a kernel's arguments
 * there and cuts its blocks among threads. What a kernel computes does not depend on how many there are: blocks depend on shapes alone.
 */
import { StudioError } from '../../errors.ts';
import { type Arena, createArena } from './arena.ts';
import type { SimdBuild } from './detect.ts';
import { instantiate } from './instance.ts';
import type { SimdKernel } from './kernels/kernel.ts';
import { createPool, type StartHelper } from './pool.ts';

/** Before it lie the module's constants, then the pool's words and the arguments of the kernel that runs. */
const staticBytes = 2 ** 20;
const argumentWords = 4096;
const initialPages = 1024;
const mostPages = 65_536;

export interface Machine {
  readonly arena: Arena;
  readonly build: SimdBuild;
  /** Threads that share a kernel's blocks, this one among them. */
  readonly threads: number;
  /** Runs a kernel to its end. `work` is about how many multiply-adds, or four bytes moved, it takes: little is not worth sharing. */
  run<Args>(kernel: SimdKernel<Args>, args: Args, work: number): void;
  /** Lends so many bytes for the time of `work`. */
  borrow(bytes: number, work: (address: number) => void): void;
  dispose(): void;
}

const addresses: Readonly<Record<SimdBuild, URL>> = {
  relaxed: new URL('./build/relaxed.wasm', import.meta.url),
  plain: new URL('./build/plain.wasm', import.meta.url),
};

/** A same-origin asset in the page, a file in Node. */
async function readBytes(address: URL): Promise<BufferSource> {
  if (address.protocol !== 'file:') {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address.pathname}: ${response.status}`);
    return response.arrayBuffer();
  }
  const files = 'node:fs/promises';
  const { readFile } = (await import(/* @vite-ignore */ files)) as { readFile(path: URL): Promise<BufferSource> };
  return readFile(address);
}

const modules = new Map<SimdBuild, Promise<WebAssembly.Module>>();

function compiled(build: SimdBuild): Promise<WebAssembly.Module> {
  const known = modules.get(build);
  if (known !== undefined) return known;
  const module = readBytes(addresses[build]).then((bytes) => WebAssembly.compile(bytes));
  modules.set(build, module);
  module.catch(() => modules.delete(build));
  return module;
}

/**
 * A machine with up to `threads` threads; fewer where helpers can't share memory. Throws RUNTIME_BACKEND_UNAVAILABLE where no build runs.
 */
export async function createMachine(build: SimdBuild | undefined, threads = 1, startHelper?: StartHelper): Promise<Machine> {
  if (build === undefined) {
    throw new StudioError({
      code: 'RUNTIME_BACKEND_UNAVAILABLE',
      title: 'The backend "simd" cannot start here.',
      detail: 'It needs WebAssembly with vectors and shared memory.',
      hint: 'Choose another backend; "wasm" runs everywhere.',
      context: { backend: 'simd' },
    });
  }
  const module = await compiled(build);
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum: mostPages, shared: true });
  const kernels = await instantiate(module, memory);
  const arena = createArena(memory, staticBytes);
  const block = arena.allocate(4 * argumentWords);
  const argumentView = new Int32Array(memory.buffer, block, argumentWords);
  const pool = createPool({ module, memory, arena, kernels, threads, startHelper });
  return {
    arena,
    build,
    get threads() {
      return pool.threads;
    },
    run(kernel, args, work) {
      const words = kernel.words(args);
      const blocks = kernel.blocks(args);
      if (words.length > argumentWords) throw new Error(`${kernel.name} takes ${words.length} words of arguments.`);
      for (let i = 0; i < words.length; i++) argumentView[i] = words[i] as number;
      pool.run(kernel.name, block, blocks, kernel.scratchBytes(args), work);
    },
    borrow(bytes, work) {
      const address = arena.allocate(bytes);
      try {
        work(address);
      } finally {
        arena.free(address);
      }
    },
    dispose: pool.dispose,
  };
}
