import { expect, it } from 'vitest';
import { createRng } from '../../math/rng.ts';
import { createArena } from './arena.ts';

const base = 4096;
const arenaOf = (maximum = 65_536) => createArena(new WebAssembly.Memory({ initial: 1, maximum, shared: true }), base);

it('gives blocks that never overlap, on cache lines, and everything back', () => {
  const arena = arenaOf();
  const rng = createRng(1);
  const live = new Map<number, number>();
  for (let round = 0; round < 3000; round++) {
    if (live.size > 0 && rng.next() < 0.49) {
      const [start = 0] = [...live.keys()].slice(rng.integer(live.size));
      live.delete(start);
      arena.free(start);
    } else {
      const bytes = rng.integer(2 ** (1 + rng.integer(17)));
      const start = arena.allocate(bytes);
      expect(start % 64).toBe(0);
      expect(start).toBeGreaterThanOrEqual(base);
      expect(start + bytes).toBeLessThanOrEqual(arena.memory.buffer.byteLength - 64);
      live.set(start, bytes);
    }
  }
  const sorted = [...live].sort(([a], [b]) => a - b);
  sorted.forEach(([start, bytes], i) => {
    expect(start + bytes).toBeLessThanOrEqual(sorted[i + 1]?.[0] ?? Number.POSITIVE_INFINITY);
  });
  for (const start of live.keys()) arena.free(start);
  expect(arena.usedBytes).toBe(0);
  expect(arena.allocate(1)).toBe(base);
});

it('takes what was freed before memory grows, neighbours joined', () => {
  const arena = arenaOf();
  const blocks = [1000, 3000, 2000, 64].map((bytes) => arena.allocate(bytes));
  const { highWater } = arena;
  arena.free(blocks[0] as number);
  arena.free(blocks[2] as number);
  arena.free(blocks[1] as number);
  expect(arena.allocate(6080)).toBe(base);
  expect(arena.highWater).toBe(highWater);
  expect(() => arena.free(base + 64)).toThrow('No block starts');
});

it('says what is missing where memory ends', () => {
  const arena = arenaOf(16);
  arena.allocate(2 ** 19);
  expect(() => arena.allocate(2 ** 20)).toThrow(expect.objectContaining({ code: 'RUNTIME_MEMORY' }));
  expect(() => arena.allocate(2 ** 33)).toThrow(expect.objectContaining({ code: 'RUNTIME_MEMORY' }));
  // What fits is still given.
  expect(arena.allocate(2 ** 18)).toBeGreaterThan(0);
});
