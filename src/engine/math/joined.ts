/** Arrays one behind the other, in a new one. */

/** Numbers. */
export const joined = (parts: readonly Float32Array[]): Float32Array => laid(parts, (length) => new Float32Array(length));

/** Bytes. */
export const joinedBytes = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  laid(parts, (length) => new Uint8Array(length));

function laid<Part extends Float32Array | Uint8Array, Whole extends Part>(
  parts: readonly Part[],
  make: (length: number) => Whole,
): Whole {
  const whole = make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
