/**
 * Singular values of a matrix and its best approximations of lower rank (Eckart & Young 1936), from the eigenvectors of AᵀA or AAᵀ,
 * whichever is smaller. In double; singular values below 1e-8 of the largest are not resolved, which float32 weights do not need.
 */
import { symmetricEigen } from './symmetric-eigen.ts';

export interface Svd {
  /** Descending, one per row or column, whichever are fewer. */
  readonly values: Float64Array;
  /** A ≈ left [rows, rank] · right [rank, columns], row-major; each takes half of every singular value, so that both have one scale. */
  factors(rank: number): { readonly left: Float32Array; readonly right: Float32Array };
}

/** Decomposes a row-major [rows, columns] matrix. */
export function svd(matrix: ArrayLike<number>, rows: number, columns: number): Svd {
  const wide = columns > rows;
  const [long, short] = wide ? [columns, rows] : [rows, columns];
  /** The vectors along the longer side, one per index of the shorter. */
  const lines = Array.from({ length: short }, (_, s) =>
    Float64Array.from({ length: long }, (_, l) => matrix[wide ? s * columns + l : l * columns + s] as number),
  );
  const { values: squares, vectors } = symmetricEigen(gramOf(lines));
  const values = squares.map((square) => Math.sqrt(Math.max(0, square)));
  return {
    values,
    factors(rank) {
      const left = new Float32Array(rows * rank);
      const right = new Float32Array(rank * columns);
      for (let r = 0; r < rank; r++) {
        const root = Math.sqrt(values[r] as number);
        const vector = vectors[r] as Float64Array;
        const image = root === 0 ? new Float64Array(long) : combined(lines, vector, 1 / root);
        const [tall, flat] = wide ? [vector.map((value) => value * root), image] : [image, vector.map((value) => value * root)];
        for (let i = 0; i < rows; i++) left[i * rank + r] = tall[i] as number;
        right.set(flat, r * columns);
      }
      return { left, right };
    },
  };
}

function gramOf(lines: readonly Float64Array[]): Float64Array[] {
  const rows = lines.map(() => new Float64Array(lines.length));
  for (const [i, a] of lines.entries()) {
    for (let j = 0; j <= i; j++) {
      const b = lines[j] as Float64Array;
      let sum = 0;
      for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
      (rows[i] as Float64Array)[j] = sum;
      (rows[j] as Float64Array)[i] = sum;
    }
  }
  return rows;
}

/** factor · Σ vectorᵢ · lineᵢ */
function combined(lines: readonly Float64Array[], vector: Float64Array, factor: number): Float64Array {
  const sum = new Float64Array(lines[0]?.length ?? 0);
  for (const [i, line] of lines.entries()) {
    const share = factor * (vector[i] as number);
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + share * (line[k] as number);
  }
  return sum;
}
