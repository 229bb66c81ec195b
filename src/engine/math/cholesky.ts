/** Solves A X = B for a symmetric positive definite A by A = L Lᵀ (Cholesky), in double and in place. */

/**
 * `a` holds the lower triangle as rows and is overwritten by L; `b` holds one row per row of A and is overwritten by X.
 * False, with both spoilt, where A is not positive definite.
 */
export function solvePositive(a: readonly Float64Array[], b: readonly Float64Array[]): boolean {
  for (const [i, row] of a.entries()) {
    for (let j = 0; j <= i; j++) {
      const other = a[j] as Float64Array;
      let sum = row[j] as number;
      for (let k = 0; k < j; k++) sum -= (row[k] as number) * (other[k] as number);
      if (j < i) row[j] = sum / (other[j] as number);
      else if (sum > 0) row[i] = Math.sqrt(sum);
      else return false;
    }
  }
  for (let i = 0; i < a.length; i++) {
    for (let k = 0; k < i; k++) subtract(b, i, k, a[i]?.[k] as number);
    divide(b, i, a[i]?.[i] as number);
  }
  for (let i = a.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < a.length; k++) subtract(b, i, k, a[k]?.[i] as number);
    divide(b, i, a[i]?.[i] as number);
  }
  return true;
}

function subtract(rows: readonly Float64Array[], from: number, other: number, factor: number): void {
  const [row, subtrahend] = [rows[from] as Float64Array, rows[other] as Float64Array];
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - factor * (subtrahend[i] as number);
}

function divide(rows: readonly Float64Array[], index: number, by: number): void {
  const row = rows[index] as Float64Array;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) / by;
}
