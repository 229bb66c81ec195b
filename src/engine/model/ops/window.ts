/**
 * Sliding windows along one axis, as Keras counts them.
 *
 *   valid, causal-padded   ⌊(size − (window − 1) · dilation − 1) / stride⌋ + 1
 *   same, causal           ⌈size / stride⌉
 */
import { shapeMismatch } from './define.ts';

export type Padding = 'valid' | 'same';
export const paddings = ['valid', 'same'] as const;

/** Positions of a window along an axis; null where the size is unknown. */
export function windowCount(
  size: number | null | undefined,
  window: number,
  stride: number,
  padding: Padding | 'causal',
  dilation = 1,
): number | null {
  if (size === null || size === undefined) return null;
  if (padding !== 'valid') return Math.ceil(size / stride);
  const reach = (window - 1) * dilation + 1;
  if (reach > size) throw shapeMismatch(`A window of ${reach} does not fit an axis of ${size} without padding.`);
  return Math.floor((size - reach) / stride) + 1;
}
