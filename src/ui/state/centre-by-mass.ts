/**
 * A drawing as MNIST's digits were made (LeCun, Cortes, Burges): the ink's box is scaled to fit 20 × 20 pixels, its proportions kept and
 * its edges grey from averaging, and put into 28 × 28 so that its centre of mass is in the middle.
 */

/** One number per pixel, row-major. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  /** [height, width], 0 without ink to 255. */
  readonly values: Float32Array;
}

const box = 20;
const field = 28;
/** Fainter than this is no ink: the soft edge of a brush. */
const faint = 8;

/** The drawing in 28 × 28 pixels; empty where there is no ink. */
export function centreByMass(drawing: Grey): Grey {
  const values = new Float32Array(field * field);
  const ink = crop(drawing);
  if (ink === null) return { width: field, height: field, values };
  const scale = box / Math.max(ink.width, ink.height);
  const small = average(ink, Math.max(1, Math.round(ink.width * scale)), Math.max(1, Math.round(ink.height * scale)));
  const [across, down] = centreOfMass(small);
  const [left, top] = [Math.round(field / 2 - across), Math.round(field / 2 - down)];
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const [column, row] = [left + x, top + y];
      if (column < 0 || row < 0 || column >= field || row >= field) continue;
      values[row * field + column] = small.values[y * small.width + x] ?? 0;
    }
  }
  return { width: field, height: field, values };
}

/** The box around the ink; null where there is none. */
function crop({ width, height, values }: Grey): Grey | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  values.forEach((value, index) => {
    if (value < faint) return;
    const [x, y] = [index % width, Math.floor(index / width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  });
  if (right < 0) return null;
  const size = { width: right - left + 1, height: bottom - top + 1 };
  const inside = new Float32Array(size.width * size.height);
  for (let row = 0; row < size.height; row++) {
    const from = (top + row) * width + left;
    inside.set(values.subarray(from, from + size.width), row * size.width);
  }
  return { ...size, values: inside };
}

/** The centre of mass from the upper left corner, in pixels; a pixel's own centre is at a half. */
export function centreOfMass({ width, values }: Grey): readonly [x: number, y: number] {
  let [mass, across, down] = [0, 0, 0];
  values.forEach((value, index) => {
    mass += value;
    across += value * ((index % width) + 0.5);
    down += value * (Math.floor(index / width) + 0.5);
  });
  return mass === 0 ? [0, 0] : [across / mass, down / mass];
}

/** A raster in another size, each pixel the mean of the area it covers. */
export function average({ width, height, values }: Grey, columns: number, rows: number): Grey {
  const across = average1(width, columns);
  const down = average1(height, rows);
  const result = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (const [y, weightY] of down[row] ?? []) {
        for (const [x, weightX] of across[column] ?? []) sum += (values[y * width + x] ?? 0) * weightX * weightY;
      }
      result[row * columns + column] = sum;
    }
  }
  return { width: columns, height: rows, values: result };
}

/** For each target pixel of one axis: the source pixels it covers and their shares, which add up to one. */
function average1(from: number, to: number): (readonly [pixel: number, share: number])[][] {
  const step = from / to;
  return Array.from({ length: to }, (_, at) => {
    const [start, end] = [at * step, (at + 1) * step];
    const shares: (readonly [number, number])[] = [];
    for (let pixel = Math.floor(start); pixel < Math.min(from, end); pixel++) {
      shares.push([pixel, (Math.min(end, pixel + 1) - Math.max(start, pixel)) / step]);
    }
    return shares;
  });
}
