/** What benches compute on in Node: our own backend on one thread. */
import { buildSimd } from '../scripts/build-simd.mjs';
import { startBackend } from '../src/engine/index.ts';

/** Builds the backend where needed and makes it the current one. */
export async function startOwnBackend(): Promise<void> {
  await buildSimd();
  await startBackend('simd');
}
