/**
 * The allocator of the tensors' memory: best fit with immediate coalescing over one WebAssembly.Memory (Knuth, TAOCP 1, 2.5), free blocks
 * in bins of eight per octave. All book-keeping is JavaScript's, so that a kernel that strays can't corrupt it. What is freed is
 * taken again before memory grows: a loop that makes the same tensors in every turn grows none after its first.
 */
import { StudioError } from '../../errors.ts';
import { spareBytes } from './kernels/kernel.ts';

/** Every block starts at a multiple of this: a cache line, four vectors. */
const alignment = 64;
const pageBytes = 65_536;
/** Memory grows by at least a quarter of itself and this. */
const leastGrowth = 16 * 2 ** 20;

export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** Byte offset of at least `bytes` bytes that hold whatever they held. Throws RUNTIME_MEMORY where the browser gives no more. */
  allocate(bytes: number): number;
  /** Frees what `allocate` gave. */
  free(offset: number): void;
  /** Bytes in blocks that are not free. */
  readonly usedBytes: number;
  /** The highest end of any block so far. */
  readonly highWater: number;
}

/** Number of the bin of a size: eight per octave, so that a block of the same bin is at most an eighth larger. */
function binOf(bytes: number): number {
  const units = bytes / alignment;
  const octave = 31 - Math.clz32(units);
  return octave * 8 + Math.floor((units / 2 ** octave - 1) * 8);
}

/** An arena over a memory from the byte `base` on. */
export function createArena(memory: WebAssembly.Memory, base: number): Arena {
  /** Sizes by start, of all blocks; free ones by start and by end. */
  const sizes = new Map<number, number>();
  const freeByStart = new Map<number, number>();
  const freeByEnd = new Map<number, number>();
  const bins: Set<number>[] = Array.from({ length: 27 * 8 }, () => new Set());
  let top = Math.ceil(base / alignment) * alignment;
  let limit = memory.buffer.byteLength;
  let used = 0;
  let highWater = top;

  function insert(start: number, bytes: number): void {
    freeByStart.set(start, bytes);
    freeByEnd.set(start + bytes, start);
    bins[binOf(bytes)]?.add(start);
  }

  function remove(start: number, bytes: number): void {
    freeByStart.delete(start);
    freeByEnd.delete(start + bytes);
    bins[binOf(bytes)]?.delete(start);
  }

  /** A free block of at least so many bytes: of its own bin if one is large enough, else the first of the next that has any. */
  function find(bytes: number): number | undefined {
    const own = binOf(bytes);
    for (const start of bins[own] ?? []) if ((freeByStart.get(start) as number) >= bytes) return start;
    for (let bin = own + 1; bin < bins.length; bin++) for (const start of bins[bin] as Set<number>) return start;
    return undefined;
  }

  function grow(end: number): void {
    const wanted = Math.max(end - limit, leastGrowth, limit / 4);
    const most = 2 ** 32 - limit;
    try {
      memory.grow(Math.ceil(Math.min(wanted, most) / pageBytes));
    } catch (cause) {
      if (end - limit > most || wanted <= end - limit) throw outOfMemory(end, cause);
      try {
        memory.grow(Math.ceil((end - limit) / pageBytes));
      } catch (second) {
        throw outOfMemory(end, second);
      }
    }
    limit = memory.buffer.byteLength;
    if (end > limit) throw outOfMemory(end, undefined);
  }

  return {
    memory,
    allocate(wanted) {
      const bytes = Math.max(alignment, Math.ceil(wanted / alignment) * alignment);
      let start = bytes < 2 ** 32 ? find(bytes) : undefined;
      if (start === undefined) {
        start = top;
        if (start + bytes + spareBytes > limit) grow(start + bytes + spareBytes);
        top = start + bytes;
        highWater = Math.max(highWater, top);
        sizes.set(start, bytes);
      } else {
        const found = freeByStart.get(start) as number;
        remove(start, found);
        if (found > bytes) insert(start + bytes, found - bytes);
        sizes.set(start, bytes);
      }
      used += bytes;
      return start;
    },
    free(offset) {
      let bytes = sizes.get(offset);
      if (bytes === undefined) throw new Error(`No block starts at ${offset}.`);
      sizes.delete(offset);
      used -= bytes;
      let start = offset;
      const after = freeByStart.get(start + bytes);
      if (after !== undefined) {
        remove(start + bytes, after);
        bytes += after;
      }
      const before = freeByEnd.get(start);
      if (before !== undefined) {
        const length = start - before;
        remove(before, length);
        start = before;
        bytes += length;
      }
      if (start + bytes === top) top = start;
      else insert(start, bytes);
    },
    get usedBytes() {
      return used;
    },
    get highWater() {
      return highWater;
    },
  };
}

function outOfMemory(bytes: number, cause: unknown): StudioError {
  return new StudioError(
    {
      code: 'RUNTIME_MEMORY',
      title: 'There is not enough memory for this model and batch.',
      detail: `${Math.ceil(bytes / 2 ** 20)} MiB would be needed at once; the browser gives a tab at most 4096, and this device less.`,
      hint: 'Take a smaller batch or smaller pictures, or close other tabs.',
      context: { mebibytes: Math.ceil(bytes / 2 ** 20) },
    },
    cause,
  );
}
