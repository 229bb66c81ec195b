/** Pictures at another size: pixels repeated, which is a copy, and bilinear interpolation. */
import { resizeBilinear } from '../kernels/resize.ts';
import { define, isFloat, sizeOf } from './define.ts';
import { copy, stepsOf } from './moves.ts';

interface ResizeAttrs {
  readonly size: [number, number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Whether TF.js takes each of `size` places `times` times, by its own rule and rounding. */
function repeats(size: number, times: number, { alignCorners, halfPixelCenters }: ResizeAttrs): boolean {
  if (alignCorners || !Number.isInteger(times)) return false;
  const scale = size / (size * times);
  const centre = halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: size * times }, (_, i) => i).every(
    (i) => Math.floor(scale * (i + centre)) === Math.floor(i / times),
  );
}

export function registerResizing(): void {
  define<'images', ResizeAttrs>('ResizeNearestNeighbor', ({ backend, inputs: { images: x }, attrs }) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
    const [down, across] = [attrs.size[0] / height, attrs.size[1] / width];
    if (!isFloat(x) || !repeats(height, down, attrs) || !repeats(width, across, attrs)) return undefined;
    const y = backend.allocate([batch, ...attrs.size, channels]);
    const row = width * channels;
    const sizes = [batch * height, down, width, across, channels];
    const [from, to] = [backend.addressOf(x), backend.addressOf(y)];
    copy(backend, { from, to, sizes, fromSteps: [row, 0, channels, 0, 1], toSteps: stepsOf(sizes) });
    return y;
  });
  define<'images', ResizeAttrs>('ResizeBilinear', ({ backend, inputs: { images: x }, attrs }) => {
    const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
    const { size, ...places } = attrs;
    if (!isFloat(x) || sizeOf(x) === 0) return undefined;
    const y = backend.allocate([batch, ...size, channels]);
    const shape = { batch, height, width, channels, newHeight: size[0], newWidth: size[1] };
    const args = { ...shape, ...places, x: backend.addressOf(x), y: backend.addressOf(y) };
    backend.machine.run(resizeBilinear, args, 4 * sizeOf(y));
    return y;
  });
}
