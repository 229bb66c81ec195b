/** Peak tensor memory of a forward pass, as the runtime counted it. */
import type { Measured } from '../report.ts';
import type { Predictor } from '../runtime/predictor.ts';

/** Highest number of bytes held in tensors during the last prediction, weights included. */
export function peakMemory({ peakBytes, backend }: Predictor): Measured {
  return { value: peakBytes, unit: 'B', how: 'measured', on: backend };
}
