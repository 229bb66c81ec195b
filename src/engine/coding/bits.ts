/**
 * Bit packing: codes of 1–16 bits laid end to end, least significant bit first, the last byte padded with zeros.
 * This is the payload that raw sizes count.
 */

/** Packs codes of `bits` bits each into ⌈codes · bits / 8⌉ bytes. Codes must be below 2^bits. */
export function packBits(codes: ArrayLike<number>, bits: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil((codes.length * bits) / 8));
  let pending = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < codes.length; i++) {
    pending |= (codes[i] as number) << held;
    held += bits;
    for (; held >= 8; held -= 8, pending >>>= 8) bytes[at++] = pending;
  }
  if (held > 0) bytes[at] = pending;
  return bytes;
}

/** The inverse of `packBits`. */
export function unpackBits(bytes: Uint8Array, bits: number, count: number): Uint16Array<ArrayBuffer> {
  const codes = new Uint16Array(count);
  const mask = (1 << bits) - 1;
  let pending = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (; held < bits; held += 8) pending |= (bytes[at++] ?? 0) << held;
    codes[i] = pending & mask;
    pending >>>= bits;
    held -= bits;
  }
  return codes;
}
