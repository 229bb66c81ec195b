/** What the kernels share: the multiply-add that a build has, and reading the block of arguments. */

/** a·b + c: rounded once where the build has relaxed SIMD, twice where it has not. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function int(args: usize, index: usize): i32 {
  return load<i32>(args + (index << 2));
}

@inline
export function float(args: usize, index: usize): f32 {
  return load<f32>(args + (index << 2));
}

/** An address among the arguments. */
@inline
export function address(args: usize, index: usize): usize {
  return <usize>load<u32>(args + (index << 2));
}
