/**
 * Sums of products of whole numbers in plain loops, four units at a time: rows of codes less their zero point, row-major [rows, depth],
 * with the rows of a kernel, [units, depth]. Gives [rows, units].
 */
export function multiplied(rows: Int16Array, kernel: Int8Array, depth: number): Int32Array {
  const units = kernel.length / depth;
  const sums = new Int32Array((rows.length / depth) * units);
  for (let start = 0, at = 0; start < rows.length; start += depth, at += units) {
    let unit = 0;
    for (; unit + 4 <= units; unit += 4) {
      let [a, b, c, d] = [0, 0, 0, 0];
      const first = unit * depth;
      const second = first + depth;
      const third = second + depth;
      const fourth = third + depth;
      for (let k = 0; k < depth; k++) {
        const value = rows[start + k] as number;
        a = (a + Math.imul(value, kernel[first + k] as number)) | 0;
        b = (b + Math.imul(value, kernel[second + k] as number)) | 0;
        c = (c + Math.imul(value, kernel[third + k] as number)) | 0;
        d = (d + Math.imul(value, kernel[fourth + k] as number)) | 0;
      }
      sums[at + unit] = a;
      sums[at + unit + 1] = b;
      sums[at + unit + 2] = c;
      sums[at + unit + 3] = d;
    }
    for (; unit < units; unit++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum = (sum + Math.imul(rows[start + k] as number, kernel[unit * depth + k] as number)) | 0;
      sums[at + unit] = sum;
    }
  }
  return sums;
}
