/** What benches train on in Node: our own backend on one thread, several times as fast as TF.js WASM there. */
import { buildSimd } from '../scripts/build-simd.mjs';
import { startBackend } from '../src/engine/index.ts';

/** Builds the backend where needed and makes it the current one. */
export async function startTraining(): Promise<void> {
  await buildSimd();
  await startBackend('simd');
}
