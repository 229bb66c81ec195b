/**
 * Pictures changed at random while training, their edges repeated outwards:
 *
 *   shift   by up to a fourteenth of each side (two pixels of 28)
 *   flip    mirrored left to right, half of them
 *   crop    mirrored or not, and shifted by up to an eighth (four pixels of 32; He et al. 2016)
 */
import type { Rng } from '../math/rng.ts';

export const augmentations = ['none', 'shift', 'flip', 'crop'] as const;
export type Augmentation = (typeof augmentations)[number];

/** Copies one picture [height, width, channels] from `source` to `target`, changed as the augmentation says. */
export function augmentInto(
  kind: Exclude<Augmentation, 'none'>,
  source: Float32Array,
  target: Float32Array,
  shape: readonly number[],
  rng: Rng,
): void {
  const [height = 1, width = 1, channels = 1] = shape;
  const reach = kind === 'flip' ? 0 : kind === 'shift' ? 1 / 14 : 1 / 8;
  const draw = (side: number) => {
    const most = Math.round(side * reach);
    return most === 0 ? 0 : rng.integer(2 * most + 1) - most;
  };
  const down = draw(height);
  const right = draw(width);
  const mirrored = kind !== 'shift' && rng.next() < 0.5;
  for (let row = 0; row < height; row++) {
    const y = clamp(row - down, height);
    for (let column = 0; column < width; column++) {
      const x = clamp(column - right, width);
      const from = (y * width + (mirrored ? width - 1 - x : x)) * channels;
      const to = (row * width + column) * channels;
      for (let channel = 0; channel < channels; channel++) target[to + channel] = source[from + channel] as number;
    }
  }
}

function clamp(index: number, size: number): number {
  return Math.max(0, Math.min(size - 1, index));
}
