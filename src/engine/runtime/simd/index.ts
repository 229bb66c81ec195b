/** Starts the backends `simd` and `simd-plain`: kernels are registered once, each start makes a memory of its own. */
import * as tf from '@tensorflow/tfjs-core';
// The core registers no gradient functions by itself; the layers package does, in Node and in bundles alike.
import '@tensorflow/tfjs-layers';
import { SimdBackend } from './backend.ts';
import { detectBuild, type SimdBuild } from './detect.ts';
import { createMachine } from './machine.ts';
import type { StartHelper } from './pool.ts';
import { registerConvolutions } from './register/convolutions.ts';
import { registerDepthwise } from './register/depthwise.ts';
import { registerElementwise } from './register/elementwise.ts';
import { registerGradients } from './register/gradients.ts';
import { registerGrid } from './register/grid.ts';
import { registerMoves } from './register/moves.ts';
import { registerNormalization } from './register/normalization.ts';
import { registerPlainKernels } from './register/plain.ts';
import { registerPools } from './register/pools.ts';
import { registerProducts } from './register/products.ts';
import { registerRecurrentSteps } from './register/recurrent.ts';
import { registerReductions } from './register/reductions.ts';
import { registerResizing } from './register/resize.ts';

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
  registerResizing();
  registerRecurrentSteps();
  registerGradients();
  registerGrid();
  tf.copyRegisteredKernels('simd', 'simd-plain');
}

/**
 * Tells TF.js how to start both: with the build that is fastest here, and with the one whose results are the same everywhere. The settings
 * are asked for at each start.
 */
export function registerSimdBackends(settings: () => SimdSettings): void {
  const start = (build: SimdBuild | undefined) => async () => {
    registerKernels();
    const { threads, startHelper } = settings();
    return new SimdBackend(await createMachine(build, threads, startHelper));
  };
  tf.registerBackend('simd', start(detectBuild()));
  tf.registerBackend('simd-plain', start(detectBuild() && 'plain'));
}
