/**
 * What gzip makes of weights, from their order-0 entropy alone. DEFLATE codes single symbols with a Huffman code and repeats with
 * at least about 1.5 bits per run, so it needs more than the entropy where zeros are many and nearly the entropy where codes are dense.
 * The curves are measured (zlib level 6, 200,000 normal, Laplace, cubed-normal and uniform values at 0–98 % zeros); within
 * 8 % of the points but for alphabets of two symbols, which take a tenth less.
 */

type Curve = readonly (readonly [entropy: number, gzip: number])[];

/** Bits per element after gzip against entropy, for elements of one byte. */
const bytes: Curve = [
  [0, 0.009],
  [0.022, 0.053],
  [0.058, 0.126],
  [0.107, 0.21],
  [0.2, 0.364],
  [0.37, 0.62],
  [0.53, 0.84],
  [0.72, 1.08],
  [0.93, 1.34],
  [1.2, 1.67],
  [1.5, 1.98],
  [1.85, 2.37],
  [2.26, 2.85],
  [2.8, 3.36],
  [3.4, 3.92],
  [3.84, 4.31],
  [4.67, 4.97],
  [5.48, 5.75],
  [6.5, 6.57],
  [8, 8.003],
];

/** For elements of two bytes: uint16 codes and halves. */
const words: Curve = [
  [0, 0.016],
  [0.35, 0.65],
  [0.9, 1.52],
  [1.75, 2.79],
  [3.4, 5.0],
  [5, 6.98],
  [7, 9.22],
  [8.4, 10.6],
  [10.2, 12.4],
  [11.5, 13.4],
  [13.4, 14.75],
  [14.6, 15.5],
  [15.75, 16.01],
];

/** For float32, against h(zeros) + (1 − zeros) · 32. */
const floats: Curve = [
  [0, 0.03],
  [0.78, 0.98],
  [1.886, 2.26],
  [3.67, 4.2],
  [7.12, 7.75],
  [10.48, 11.05],
  [17, 17],
  [23.3, 22.7],
  [32, 29.7],
];

function interpolate(curve: Curve, entropy: number): number {
  const above = curve.findIndex(([x]) => x >= entropy);
  const [x1, y1] = curve.at(above) ?? [1, 1];
  const [x0, y0] = curve[above <= 0 ? 0 : above - 1] ?? [0, 0];
  if (above < 0) return y1;
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (entropy - x0)) / (x1 - x0);
}

/** Estimated bits per element after gzip, for elements of `bits` bits with `entropy` bits of information each. */
export function gzipBits(bits: 8 | 16 | 32, entropy: number): number {
  return interpolate(bits === 8 ? bytes : bits === 16 ? words : floats, entropy);
}
