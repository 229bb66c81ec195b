/** Rounding to a grid, which TF.js has no kernel for: `runtime/fake-quantize.ts` asks for it by this name. */
import { roundToGrid } from '../kernels/grid.ts';
import { define, sizeOf } from './define.ts';

export function registerGrid(): void {
  define<'x', { scale: number; least: number; most: number }>('RoundToGrid', ({ backend, inputs: { x }, attrs }) => {
    const y = backend.allocate(x.shape);
    const count = sizeOf(x);
    backend.machine.run(roundToGrid, { x: backend.addressOf(x), y: backend.addressOf(y), count, ...attrs }, count);
    return y;
  });
}
