/** The activations of TF.js' fused kernels: clamps are part of the kernel, all others run on its result. */
import type * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import type { Clamp } from '../kernels/kernel.ts';
import { call } from './define.ts';

export interface FusedAttrs {
  readonly activation?: 'linear' | 'relu' | 'relu6' | 'elu' | 'prelu' | 'leakyrelu' | 'sigmoid';
  readonly leakyreluAlpha?: number;
}

/** The clamp that an activation is; undefined where it is none. */
export function clampOf(activation: FusedAttrs['activation'] = 'linear'): Clamp | undefined {
  return activation === 'linear' || activation === 'relu' || activation === 'relu6' ? activation : undefined;
}

const kernels = { elu: 'Elu', sigmoid: 'Sigmoid', prelu: 'Prelu', leakyrelu: 'LeakyRelu' } as const;

/** Applies what the kernel did not; takes `y` over. */
export function activate(
  backend: SimdBackend,
  y: tf.TensorInfo,
  { activation = 'linear', leakyreluAlpha }: FusedAttrs,
  alpha: tf.TensorInfo | undefined,
): tf.TensorInfo {
  if (activation === 'linear' || activation === 'relu' || activation === 'relu6') return y;
  const inputs = activation === 'leakyrelu' || activation === 'prelu' ? { x: y, alpha } : { x: y };
  const activated = call(backend, kernels[activation], inputs, { alpha: leakyreluAlpha });
  backend.disposeData(y.dataId);
  return activated;
}
