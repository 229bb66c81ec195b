/**
 * Functions of one code by a table of 256, of two by one of 65,536 once an operator has seen that many pairs: the same whole numbers,
 * computed once.
 */
import { broadcastIndex, type Codes, type IntegerOutput, type IntegerTensor, sizeOf } from './tensors.ts';

/** What an operator makes at its first sample and keeps for those behind it; one thing each. */
export type Kept = <T>(make: () => T) => T;

/** A function of each code; `prepare` is called once. */
export function eachCode({ codes }: IntegerTensor, kept: Kept, prepare: () => (code: number) => number): Int8Array {
  const table = kept(() => {
    const apply = prepare();
    return Int8Array.from({ length: 256 }, (_, i) => apply(i - 128));
  });
  const mapped = new Int8Array(codes.length);
  for (let i = 0; i < codes.length; i++) mapped[i] = table[(codes[i] as number) + 128] as number;
  return mapped;
}

type Combine = (left: number, right: number) => number;

interface Pairs {
  readonly combine: Combine;
  /** Where the elements of each input lie that is stretched to the output's shape. */
  readonly places: readonly [Int32Array | null, Int32Array | null];
  seen: number;
  table: Int8Array | null;
}

const allPairs = 65_536;

/** A function of each pair of codes, both inputs stretched to the output's shape; `prepare` is called once. */
export function eachPair(
  [a, b]: readonly [IntegerTensor, IntegerTensor],
  output: IntegerOutput,
  kept: Kept,
  prepare: () => Combine,
): Int8Array {
  const size = sizeOf(output.shape);
  const stretched = ({ codes, shape }: IntegerTensor) => (codes.length === size ? null : broadcastIndex(shape, output.shape));
  const pairs = kept((): Pairs => ({ combine: prepare(), places: [stretched(a), stretched(b)], seen: 0, table: null }));
  const { combine, places } = pairs;
  pairs.seen += size;
  if (pairs.seen >= allPairs)
    pairs.table ??= Int8Array.from({ length: allPairs }, (_, i) => combine((i >> 8) - 128, (i & 255) - 128));
  const [lefts, rights] = [gathered(a.codes, places[0]), gathered(b.codes, places[1])];
  const codes = new Int8Array(size);
  const { table } = pairs;
  if (table === null) for (let i = 0; i < size; i++) codes[i] = combine(lefts[i] as number, rights[i] as number);
  else
    for (let i = 0; i < size; i++) codes[i] = table[(((lefts[i] as number) + 128) << 8) + (rights[i] as number) + 128] as number;
  return codes;
}

function gathered(codes: Codes, places: Int32Array | null): Codes {
  if (places === null) return codes;
  const all = new Int8Array(places.length);
  for (let i = 0; i < all.length; i++) all[i] = codes[places[i] as number] as number;
  return all;
}
