/**
 * Seeded damage to files, for the promise that a reader answers anything with a model or a StudioError: bit flips, truncations,
 * splices and edits of what could be a length, on the bytes; and replaced, repeated or removed values inside JSON.
 */
import type { Rng } from '../math/rng.ts';
import type { Json } from '../model/model.ts';

const pick = <T>(rng: Rng, items: readonly T[]): T => items[rng.integer(items.length)] as T;

/** Numbers at which readers of lengths and offsets break. */
const extremes = [0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const byteDamage: readonly ((bytes: Uint8Array<ArrayBuffer>, rng: Rng) => Uint8Array<ArrayBuffer>)[] = [
  function flipBits(bytes, rng) {
    const result = bytes.slice();
    for (let flips = 1 + rng.integer(8); flips > 0; flips--) {
      const at = rng.integer(result.length);
      result[at] = (result[at] as number) ^ (1 << rng.integer(8));
    }
    return result;
  },
  (bytes, rng) => bytes.slice(0, rng.integer(bytes.length)),
  function splice(bytes, rng) {
    const result = bytes.slice();
    const length = 1 + rng.integer(Math.min(64, bytes.length));
    const from = rng.integer(bytes.length - length + 1);
    result.set(bytes.subarray(from, from + length), rng.integer(bytes.length - length + 1));
    return result;
  },
  function editLength(bytes, rng) {
    const result = bytes.slice();
    const view = new DataView(result.buffer);
    const size = pick(rng, [1, 2, 4, 8]);
    const at = Math.floor(rng.integer(Math.max(1, result.length - 8)) / size) * size;
    const value = rng.integer(2) === 0 ? pick(rng, extremes) : rng.integer(result.length * 2);
    if (at + size > result.length) return result;
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    if (size === 8) view.setUint32(at + 4, pick(rng, [0, 0xffffffff]), true);
    return result;
  },
  function insert(bytes, rng) {
    const at = rng.integer(bytes.length);
    const extra = Uint8Array.from({ length: 1 + rng.integer(16) }, () => rng.integer(256));
    const result = new Uint8Array(bytes.length + extra.length);
    result.set(bytes.subarray(0, at));
    result.set(extra, at);
    result.set(bytes.subarray(at), at + extra.length);
    return result;
  },
];

/** The bytes with one to three kinds of damage. */
export function damageBytes(bytes: Uint8Array<ArrayBuffer>, rng: Rng): Uint8Array<ArrayBuffer> {
  let result = bytes;
  for (let times = 1 + rng.integer(3); times > 0 && result.length > 0; times--) result = pick(rng, byteDamage)(result, rng);
  return result;
}

const oddities: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, 1e300, 2 ** 40, 4294967296, '', 'NaN', '__proto__', 'constructor', 'same'],
  ...[[], {}, [[]], [null], [0, 0], [-1, 2 ** 31], { class_name: 'Dense' }, { config: null }],
];

/** The JSON with one to three of its values replaced, removed, repeated or exchanged. */
export function damageJson(json: Json, rng: Rng): Json {
  const result = structuredClone(json) as Json;
  for (let times = 1 + rng.integer(3); times > 0; times--) damageOnce(result, rng);
  return result;
}

function damageOnce(root: Json, rng: Rng): void {
  const holders: (Json[] | Record<string, Json>)[] = [];
  const collect = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    holders.push(value as Json[] | Record<string, Json>);
    for (const child of Object.values(value)) collect(child as Json);
  };
  collect(root);
  if (holders.length === 0) return;
  const holder = pick(rng, holders) as Record<string, Json>;
  const keys = Object.keys(holder);
  if (keys.length === 0) return;
  const key = pick(rng, keys);
  const kind = rng.integer(4);
  if (kind === 0) delete holder[key];
  else if (kind === 1) holder[key] = structuredClone(holder[pick(rng, keys)] as Json);
  else if (kind === 2) holder[key] = structuredClone(pick(rng, holders) as Json);
  else holder[key] = structuredClone(pick(rng, oddities)) as Json;
}
