/** Starts the backend `simd`: its kernels are registered once, each start makes a memory of its own. */
import * as tf from '@tensorflow/tfjs-core';
// The core registers no gradient functions by itself; the layers package does, in Node and in bundles alike.
import '@tensorflow/tfjs-layers';
import { SimdBackend } from './backend.ts';
import { createMachine } from './machine.ts';
import type { StartHelper } from './pool.ts';
import { registerConvolutions } from './register/convolutions.ts';
import { registerDepthwise } from './register/depthwise.ts';
import { registerElementwise } from './register/elementwise.ts';
import { registerGradients } from './register/gradients.ts';
import { registerMoves } from './register/moves.ts';
import { registerNormalization } from './register/normalization.ts';
import { registerPlainKernels } from './register/plain.ts';
import { registerPools } from './register/pools.ts';
import { registerProducts } from './register/products.ts';
import { registerReductions } from './register/reductions.ts';

export interface SimdSettings {
  /** Threads at most, the calling one among them; one where absent. */
  readonly threads?: number;
  readonly startHelper?: StartHelper;
}

let registered = false;

function registerKernels(): void {
  if (registered) return;
  registered = true;
  registerPlainKernels();
  registerProducts();
  registerConvolutions();
  registerDepthwise();
  registerPools();
  registerNormalization();
  registerElementwise();
  registerReductions();
  registerMoves();
  registerGradients();
}

/** Tells TF.js how to start the backend. */
export function registerSimdBackend(settings: SimdSettings): void {
  tf.registerBackend('simd', async () => {
    registerKernels();
    return new SimdBackend(await createMachine(settings.threads, settings.startHelper));
  });
}
