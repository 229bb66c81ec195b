/**
 * The threads of a kernel. Jobs are handed over through words of the shared memory; every thread, the caller among them, claims blocks by an
 * atomic counter until none is left, so that a helper that comes late or not at all costs nothing. A helper spins for a moment, then
 * sleeps until it is woken.
 *
 * A helper counts itself in before it looks whether a job is open, and the caller closes the job before it looks whether anyone is in:
 * both orders are sequentially consistent, so that no helper reads a job that is being replaced. A kernel that stops, in whichever thread,
 * and a helper that is gone while it is in, fail the job: half of one is never taken for a result.
 */
import { StudioError } from '../../errors.ts';
import type { Arena } from './arena.ts';
import type { KernelFunction } from './instance.ts';

/** Words of the control block; those that threads write often have cache lines of their own. */
export const word = {
  ...{ open: 0, inside: 16, next: 32, sleepers: 48 },
  ...{ kernel: 64, args: 65, blocks: 66, chunk: 67, failed: 68, waiting: 69 },
  ...{ ready: 80, scratch: 96 },
} as const;
const controlWords = 128;
const mostThreads = 16;
/** Less work than this is done before a helper has noticed. */
const shareable = 100_000;
/** How long a helper looks out for the next job before it sleeps. */
const spinMs = 0.08;
/** How often the caller looks whether the last helper is out before it sleeps. */
const looks = 2000;

/** What a helper is told when it starts. */
export interface HelperStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Byte offset of the control block. */
  readonly control: number;
  /** Its number, from 1. */
  readonly index: number;
}

export interface Helper {
  postMessage(message: HelperStart): void;
  terminate(): unknown;
}
/** Starts a thread that hands its first message to `help`. */
export type StartHelper = () => Helper;

export interface PoolOptions {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly arena: Arena;
  readonly kernels: ReadonlyMap<string, KernelFunction>;
  readonly threads: number;
  readonly startHelper: StartHelper | undefined;
  /** How long a helper may be with its last block until it counts as gone, ms. */
  readonly patienceMs?: number;
}

export interface Pool {
  /** This thread and the helpers that have begun to look out. */
  readonly threads: number;
  /** Throws RUNTIME_KERNEL where the kernel stopped or a helper is gone. */
  run(name: string, args: number, blocks: number, scratchBytes: number, work: number): void;
  dispose(): void;
}

export function createPool({ module, memory, arena, kernels, threads, startHelper, patienceMs = 10_000 }: PoolOptions): Pool {
  const base = arena.allocate(4 * controlWords);
  const control = new Int32Array(memory.buffer, base, controlWords).fill(0);
  const names = [...kernels.keys()];
  const indices = new Map(names.map((name, index) => [name, index]));
  const functions = [...kernels.values()];
  const helpers: Helper[] = [];
  const scratch: { offset: number; bytes: number }[] = [];
  let generation = 0;

  for (let index = 1; index < Math.min(threads, mostThreads) && startHelper !== undefined; index++) {
    const helper = startHelper();
    try {
      helper.postMessage({ module, memory, control: base, index });
      helpers.push(helper);
    } catch {
      // Memory is shared only between threads of an isolated page.
      helper.terminate();
      break;
    }
  }

  function requireScratch(thread: number, bytes: number): number {
    const held = scratch[thread];
    if (held !== undefined && held.bytes >= bytes) return held.offset;
    if (held !== undefined) arena.free(held.offset);
    const offset = arena.allocate(bytes);
    scratch[thread] = { offset, bytes };
    return offset;
  }

  function share(index: number, args: number, blocks: number, scratchBytes: number): void {
    const helping = helpers.length;
    for (let thread = 1; thread <= helping; thread++) control[word.scratch + thread] = requireScratch(thread, scratchBytes);
    const own = requireScratch(0, scratchBytes);
    const chunk = Math.max(1, Math.floor(blocks / (4 * (helping + 1))));
    control[word.kernel] = index;
    control[word.args] = args;
    control[word.blocks] = blocks;
    control[word.chunk] = chunk;
    Atomics.store(control, word.next, 0);
    generation = (generation % 0x3fff_ffff) + 1;
    Atomics.store(control, word.open, generation);
    if (Atomics.load(control, word.sleepers) > 0) Atomics.notify(control, word.open);
    try {
      claim(control, functions[index] as KernelFunction, args, blocks, chunk, own);
    } finally {
      Atomics.store(control, word.open, 0);
      awaitHelpers();
    }
    if (Atomics.exchange(control, word.failed, 0) !== 0) throw new Error('It stopped in another thread.');
  }

  /** Returns when no helper is in; gives up all of them where one stays. */
  function awaitHelpers(): void {
    for (let look = 0; look < looks; look++) if (Atomics.load(control, word.inside) === 0) return;
    Atomics.store(control, word.waiting, 1);
    for (let inside = Atomics.load(control, word.inside); inside !== 0; inside = Atomics.load(control, word.inside)) {
      if (Atomics.wait(control, word.inside, inside, patienceMs) !== 'timed-out') continue;
      dismiss();
      throw new Error('One of its threads is gone.');
    }
    Atomics.store(control, word.waiting, 0);
  }

  function dismiss(): void {
    for (const helper of helpers) helper.terminate();
    helpers.length = 0;
    Atomics.store(control, word.ready, 0);
  }

  return {
    get threads() {
      return 1 + Atomics.load(control, word.ready);
    },
    run(name, args, blocks, scratchBytes, work) {
      const index = indices.get(name);
      if (index === undefined) throw new Error(`The module has no kernel "${name}".`);
      if (blocks <= 0) return;
      const own = requireScratch(0, scratchBytes);
      try {
        if (blocks > 1 && work >= shareable && Atomics.load(control, word.ready) > 0) share(index, args, blocks, scratchBytes);
        else (functions[index] as KernelFunction)(args, 0, blocks, own);
      } catch (cause) {
        Atomics.store(control, word.failed, 0);
        throw cause instanceof StudioError ? cause : stopped(name, cause);
      }
    },
    dispose: dismiss,
  };
}

function stopped(kernel: string, cause: unknown): StudioError {
  return new StudioError(
    {
      code: 'RUNTIME_KERNEL',
      title: 'The processor stopped in the middle of a computation.',
      detail: `The kernel "${kernel}" of our own backend did not end: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'The work continues on another backend. Reload the page to try this one again.',
      context: { kernel },
    },
    cause,
  );
}

/** Does blocks until all are claimed. */
function claim(control: Int32Array, kernel: KernelFunction, args: number, blocks: number, chunk: number, scratch: number): void {
  for (;;) {
    const begin = Atomics.add(control, word.next, chunk);
    if (begin >= blocks) return;
    kernel(args, begin, Math.min(begin + chunk, blocks), scratch);
  }
}

/** The whole life of a helper: never returns, and ends with its thread. */
export function help({ memory, control: base, index }: HelperStart, kernels: ReadonlyMap<string, KernelFunction>): never {
  const control = new Int32Array(memory.buffer, base, controlWords);
  const functions = [...kernels.values()];
  Atomics.add(control, word.ready, 1);
  for (let seen = 0; ; ) {
    seen = nextJob(control, seen);
    Atomics.add(control, word.inside, 1);
    try {
      if (Atomics.load(control, word.open) !== seen) continue;
      const kernel = functions[control[word.kernel] as number] as KernelFunction;
      const [args = 0, blocks = 0, chunk = 1] = control.subarray(word.args, word.chunk + 1);
      claim(control, kernel, args, blocks, chunk, control[word.scratch + index] as number);
    } catch {
      Atomics.store(control, word.failed, 1);
    } finally {
      Atomics.sub(control, word.inside, 1);
      if (Atomics.load(control, word.waiting) !== 0) Atomics.notify(control, word.inside);
    }
  }
}

/** Waits for a job other than the one that was seen last; returns its number. */
function nextJob(control: Int32Array, seen: number): number {
  for (;;) {
    const until = performance.now() + spinMs;
    do {
      for (let turn = 0; turn < 64; turn++) {
        const open = Atomics.load(control, word.open);
        if (open !== 0 && open !== seen) return open;
      }
    } while (performance.now() < until);
    Atomics.add(control, word.sleepers, 1);
    const open = Atomics.load(control, word.open);
    if (open === 0 || open === seen) Atomics.wait(control, word.open, open);
    Atomics.sub(control, word.sleepers, 1);
  }
}
