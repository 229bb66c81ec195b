/** Sums of products of whole numbers, of which integer networks are made: four units at a time, exact in 32 bits. */

/** Rows of what is multiplied: codes less their zero point, row-major [rows, depth]. */
export interface Rows {
  readonly values: Int16Array;
  readonly depth: number;
}

/** Calls `visit` with Σ over k of rows[row, k] · kernel[unit, k] for each row and each of the units `from … to − 1`. */
export function multiplyRows(
  { values, depth }: Rows,
  kernel: Int8Array,
  [from, to]: readonly [number, number],
  visit: (row: number, unit: number, sum: number) => void,
): void {
  for (let start = 0, row = 0; start < values.length; start += depth, row++) {
    let unit = from;
    for (; unit + 4 <= to; unit += 4) {
      let [a, b, c, d] = [0, 0, 0, 0];
      const second = (unit + 1) * depth;
      const third = second + depth;
      const fourth = third + depth;
      for (let k = 0; k < depth; k++) {
        const value = values[start + k] as number;
        a = (a + Math.imul(value, kernel[unit * depth + k] as number)) | 0;
        b = (b + Math.imul(value, kernel[second + k] as number)) | 0;
        c = (c + Math.imul(value, kernel[third + k] as number)) | 0;
        d = (d + Math.imul(value, kernel[fourth + k] as number)) | 0;
      }
      visit(row, unit, a);
      visit(row, unit + 1, b);
      visit(row, unit + 2, c);
      visit(row, unit + 3, d);
    }
    for (; unit < to; unit++) {
      let sum = 0;
      for (let k = 0; k < depth; k++)
        sum = (sum + Math.imul(values[start + k] as number, kernel[unit * depth + k] as number)) | 0;
      visit(row, unit, sum);
    }
  }
}
