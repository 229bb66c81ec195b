/** Matrix products. The loops are in `assembly/gemm.ts`, and in `assembly/few-rows.ts` where A has hardly any rows. */
import { type Clamp, clampWords, type SimdKernel } from './kernel.ts';

export interface GemmArgs {
  /** Addresses: A [m, k], or [k, m] where transposed; B [k, n] or [n, k]; C [m, n]; a bias of n. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly bias?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Floats from row to row; by default the row's length. */
  readonly stepA?: number;
  readonly stepB?: number;
  readonly stepC?: number;
  /** How many products, and the floats from one to the next (0 for B: all share it). */
  readonly batches?: number;
  readonly batchA?: number;
  readonly batchB?: number;
  readonly batchC?: number;
  /** The clamp applied last. */
  readonly clamp?: Clamp;
  /** Adds to what C holds. */
  readonly accumulate?: boolean;
}

/** Bytes of a micro-kernel's record and a table of one segment, see `assembly/micro.ts`. */
const recordBytes = 256;
const deepest = 512;

/** Up to so many rows packing B takes a share of the time that counts. */
const fewRowsToPackFor = 384;

/**
 * A block's rows, a multiple of six, and columns, a multiple of eight: some dozen blocks where there is work for more than one thread. B is packed
 * once for each run of blocks, so that few rows are not cut if there are columns enough to share out.
 */
function block(args: GemmArgs): readonly [rows: number, columns: number] {
  if (args.m <= fewRowsToPackFor && args.n >= 96) return [6 * Math.ceil(args.m / 6), 8 * Math.max(2, Math.ceil(args.n / 128))];
  const columns = Math.min(256, 8 * Math.ceil(args.n / 8));
  const rows = Math.min(96, 6 * Math.ceil(args.m / 48));
  return [Math.max(6, rows), Math.max(8, columns)];
}

export const gemm: SimdKernel<GemmArgs> = {
  name: 'gemm',
  words(args) {
    const { a, b, c, bias = 0, m, n, k, batches = 1, transposeA = false, transposeB = false } = args;
    const stepA = args.stepA ?? (transposeA ? m : k);
    const stepB = args.stepB ?? (transposeB ? k : n);
    const stepC = args.stepC ?? n;
    const between = [args.batchA ?? m * k, args.batchB ?? k * n, args.batchC ?? m * n];
    const clamp = clampWords(args.clamp);
    const sizes = [m, n, k, stepA, stepB, stepC, batches, ...between];
    return [a, b, c, bias, ...sizes, +transposeA, +transposeB, ...clamp, ...block(args), +(args.accumulate ?? false)];
  },
  blocks(args) {
    const [rows, columns] = block(args);
    return (args.batches ?? 1) * Math.ceil(args.m / rows) * Math.ceil(args.n / columns);
  },
  scratchBytes(args) {
    const [, columns] = block(args);
    return recordBytes + 4 * Math.min(deepest, args.k) * columns;
  },
};

export type FewRowsArgs = Pick<GemmArgs, 'a' | 'b' | 'c' | 'bias' | 'm' | 'n' | 'k' | 'clamp'>;

/** From so many rows on `gemm` is faster. */
export const fewestRows = 4;

export const fewRows: SimdKernel<FewRowsArgs> = {
  name: 'fewRows',
  words: ({ a, b, c, bias = 0, m, n, k, clamp }) => [a, b, c, bias, m, n, k, ...clampWords(clamp)],
  blocks: ({ n }) => Math.ceil(n / 64),
  scratchBytes: () => 0,
};
