/**
 * Which build of the kernels this engine runs: validates the smallest modules that use an instruction of each proposal
 * (WebAssembly SIMD; relaxed SIMD, whose fused multiply-add doubles the speed of products; threads' shared memory).
 */

const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
/** i8x16.popcnt of a splat. */
const fixedWidth = [...header, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
/** i8x16.relaxed_swizzle of two splats. */
const relaxed = [...header, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11];

export type SimdBuild = 'relaxed' | 'plain';

/** A page that is not isolated has no `SharedArrayBuffer` by name, yet may have such memory for itself. */
function sharesMemory(): boolean {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.byteLength > 0;
  } catch {
    return false;
  }
}

/** The fastest build that runs here; undefined without vectors or shared memory. */
export function detectBuild(): SimdBuild | undefined {
  const runs = (bytes: readonly number[]) => WebAssembly.validate(Uint8Array.from(bytes));
  if (!runs(fixedWidth) || !sharesMemory()) return undefined;
  return runs(relaxed) ? 'relaxed' : 'plain';
}
