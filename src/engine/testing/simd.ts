/**
 * A bench to put one SIMD kernel on: memory with canaries between the tensors, so that a store beside a tensor is seen and a load that
 * counts makes NaN. Each kernel runs whole and again in two parts, the later one first, on other scratch: the bits have to be the same.
 */
import { readFileSync } from 'node:fs';
import { type SimdKernel, spareBytes } from '../runtime/simd/kernels/kernel.ts';

type Export = (args: number, begin: number, end: number, scratch: number) => void;

const path = new URL('../runtime/simd/build/plain.wasm', import.meta.url);
const pages = 64;
const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), { env: { memory } });

/** A quiet NaN that no arithmetic makes. */
const canary = 0x7fc5a5a5;
const start = 4096;
/** How far memory has been written since it was last filled with canaries, in words. */
let touched = memory.buffer.byteLength / 4;
const align = (bytes: number): number => 16 * Math.ceil(bytes / 16);

export class Rig {
  private top = start + spareBytes;
  private readonly words = new Int32Array(memory.buffer);
  private readonly floats = new Float32Array(memory.buffer);
  private readonly gaps: (readonly [from: number, to: number])[] = [];

  constructor() {
    this.words.fill(canary, 0, touched);
    touched = start / 4;
  }

  /** Puts numbers into memory and gives their address. */
  put(values: ArrayLike<number>): number {
    const address = this.room(values.length);
    this.floats.set(values, address / 4);
    return address;
  }

  /** Puts other numbers where some are. */
  set(address: number, values: ArrayLike<number>): void {
    this.floats.set(values, address / 4);
  }

  /** Room for so many numbers, each NaN until a kernel stores it. */
  room(count: number): number {
    const address = this.top;
    const end = address + 4 * count;
    this.top = align(end) + spareBytes;
    if (this.top > memory.buffer.byteLength) throw new Error('The rig is full.');
    this.gaps.push([end / 4, this.top / 4]);
    return address;
  }

  get(address: number, count: number): Float32Array {
    return this.floats.slice(address / 4, address / 4 + count);
  }

  /** Runs kernels one after the other, twice as said above. */
  run<Args>(...calls: readonly (readonly [SimdKernel<Args>, Args])[]): void {
    const before = this.words.slice(0, this.top / 4);
    for (const [kernel, args] of calls) this.call(kernel, args, (blocks) => [[0, blocks]]);
    const whole = this.words.slice(0, this.top / 4);
    this.words.set(before);
    const halves = (blocks: number): [number, number][] => [
      [blocks >> 1, blocks],
      [0, blocks >> 1],
    ];
    for (const [kernel, args] of calls) this.call(kernel, args, halves);
    for (let i = start / 4; i < whole.length; i++)
      if (whole[i] !== this.words[i]) throw new Error(`Parts differ from the whole at ${4 * i}.`);
    for (const [from, to] of this.gaps)
      for (let i = from; i < to; i++) if (this.words[i] !== canary) throw new Error(`Stored beside a tensor, at ${4 * i}.`);
  }

  private call<Args>(
    kernel: SimdKernel<Args>,
    args: Args,
    parts: (blocks: number) => readonly (readonly [number, number])[],
  ): void {
    const run = instance.exports[kernel.name] as Export;
    const block = align(this.top);
    const words = kernel.words(args);
    this.words.set(words, block / 4);
    let scratch = align(block + 4 * words.length) + spareBytes;
    const blocks = kernel.blocks(args);
    const bytes = kernel.scratchBytes(args);
    if (!Number.isInteger(blocks) || !Number.isInteger(bytes)) throw new Error(`${kernel.name}: blocks or scratch aren't whole.`);
    for (const [begin, end] of parts(blocks)) {
      const limit = Math.ceil((scratch + bytes) / 4);
      if (4 * limit + 1024 > memory.buffer.byteLength) throw new Error('The rig is too small for this scratch.');
      this.words.fill(canary, scratch / 4, limit + 256);
      run(block, begin, end, scratch);
      for (let i = limit; i < limit + 256; i++)
        if (this.words[i] !== canary) throw new Error(`${kernel.name}: beyond its scratch.`);
      scratch = align(4 * limit) + 2048;
    }
    touched = Math.max(touched, scratch / 4 + 1024);
    this.words.fill(canary, block / 4, scratch / 4);
  }
}
