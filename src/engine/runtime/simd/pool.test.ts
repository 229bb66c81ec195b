import { expect, it } from 'vitest';
import { createArena } from './arena.ts';
import { createPool, type HelperStart, word } from './pool.ts';

const emptyModule = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

it('gives up threads that went away in the middle, fails their job and does the next ones alone', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 300, shared: true });
  const done: [begin: number, end: number][] = [];
  let terminated = 0;
  const gone = {
    postMessage({ control }: HelperStart) {
      const words = new Int32Array(memory.buffer, control);
      words[word.ready] = 1;
      words[word.inside] = 1;
    },
    terminate: () => terminated++,
  };
  const pool = createPool({
    ...{ module: emptyModule, memory, arena: createArena(memory, 0), threads: 2, startHelper: () => gone, patienceMs: 1 },
    kernels: new Map([['twice', (_args: number, begin: number, end: number) => void done.push([begin, end])]]),
  });
  expect(pool.threads).toBe(2);
  expect(() => pool.run('twice', 0, 8, 0, 1e6)).toThrow(expect.objectContaining({ code: 'RUNTIME_KERNEL' }));
  expect([pool.threads, terminated]).toEqual([1, 1]);
  done.length = 0;
  pool.run('twice', 0, 8, 0, 1e6);
  expect(done).toEqual([[0, 8]]);
});
