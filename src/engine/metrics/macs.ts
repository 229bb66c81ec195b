/** Multiply-accumulates of one forward pass of one sample; an exact count from the shapes, so nothing is estimated. */
import type { Measured } from '../report.ts';

/** The sum over layers. */
export function totalMacs(layers: readonly { readonly macs: number }[]): Measured {
  let total = 0;
  for (const { macs } of layers) total += macs;
  return { value: total, unit: 'MAC', how: 'measured' };
}
