/** The door for helper threads of the backend `simd`: small, since each loads it anew. */
export { instantiate } from './runtime/simd/instance.ts';
export { type HelperStart, help } from './runtime/simd/pool.ts';
