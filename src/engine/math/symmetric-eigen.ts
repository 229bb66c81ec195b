/**
 * Eigenvalues and vectors of a symmetric matrix: Householder reduction to tridiagonal form, then implicit QL with shifts (Bowdler,
 * Martin, Reinsch & Wilkinson 1968; Numerical Recipes §11.2–3). About 9 n³ operations, in double.
 */

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** Row i is the unit vector of value i. */
  readonly vectors: readonly Float64Array[];
}

/** Decomposes a symmetric matrix given as rows; the rows are overwritten. */
export function symmetricEigen(rows: Float64Array[]): Eigen {
  const n = rows.length;
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  tridiagonalize(rows, diagonal, beside);
  // From here on, vectors are rows, so that rotations run along memory.
  const vectors = Array.from({ length: n }, (_, j) => Float64Array.from(rows, (row) => row[j] as number));
  implicitQl(diagonal, beside, vectors);
  const order = [...diagonal.keys()].sort((a, b) => (diagonal[b] as number) - (diagonal[a] as number));
  return {
    values: Float64Array.from(order, (i) => diagonal[i] as number),
    vectors: order.map((i) => vectors[i] as Float64Array),
  };
}

function dot(a: Float64Array, b: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** a −= factor · b */
function subtract(a: Float64Array, b: Float64Array, factor: number, length: number): void {
  for (let i = 0; i < length; i++) a[i] = (a[i] as number) - factor * (b[i] as number);
}

/** Leaves the orthogonal matrix in `a`, whose columns turn the tridiagonal matrix back. */
function tridiagonalize(a: readonly Float64Array[], diagonal: Float64Array, beside: Float64Array): void {
  const n = a.length;
  const reflected: (Float64Array | null)[] = new Array(n).fill(null);
  for (let i = n - 1; i > 0; i--) {
    const row = a[i] as Float64Array;
    const last = row[i - 1] as number;
    const rest = dot(row, row, i - 1);
    if (rest === 0) {
      beside[i] = last;
      continue;
    }
    const length = last > 0 ? -Math.sqrt(rest + last * last) : Math.sqrt(rest + last * last);
    beside[i] = length;
    const half = rest + last * last - length * last;
    const u = row.slice(0, i);
    u[i - 1] = last - length;
    reflected[i] = u.map((value) => value / Math.sqrt(half));
    reflect(a, reflected[i] as Float64Array, i);
  }
  for (let i = 0; i < n; i++) diagonal[i] = (a[i] as Float64Array)[i] as number;
  accumulate(a, reflected);
}

/** A ← H A H for the leading block, H = 1 − u uᵀ; the block is symmetric and kept so. */
function reflect(a: readonly Float64Array[], u: Float64Array, size: number): void {
  const p = new Float64Array(size);
  for (let j = 0; j < size; j++) p[j] = dot(a[j] as Float64Array, u, size);
  const k = dot(u, p, size) / 2;
  const q = p.map((value, j) => value - k * (u[j] as number));
  for (let j = 0; j < size; j++) {
    subtract(a[j] as Float64Array, u, q[j] as number, size);
    subtract(a[j] as Float64Array, q, u[j] as number, size);
  }
}

/** Multiplies the reflections up, from the smallest. */
function accumulate(a: readonly Float64Array[], reflected: readonly (Float64Array | null)[]): void {
  const n = a.length;
  for (const [i, row] of a.entries()) row.fill(0).fill(1, i, i + 1);
  for (let i = 1; i < n; i++) {
    const u = reflected[i];
    if (u === null || u === undefined) continue;
    // The product acts on the leading i × i block so far: Q ← H Q, with w = uᵀ Q.
    const w = new Float64Array(i);
    for (let j = 0; j < i; j++) subtract(w, a[j] as Float64Array, -(u[j] as number), i);
    for (let j = 0; j < i; j++) subtract(a[j] as Float64Array, w, u[j] as number, i);
  }
}

function implicitQl(d: Float64Array, beside: Float64Array, vectors: readonly Float64Array[]): void {
  const n = d.length;
  const e = Float64Array.from({ length: n }, (_, i) => beside[i + 1] ?? 0);
  for (let low = 0; low < n; low++) {
    for (let turn = 0; ; turn++) {
      let end = low;
      while (end < n - 1) {
        const scale = Math.abs(d[end] as number) + Math.abs(d[end + 1] as number);
        if (Math.abs(e[end] as number) <= Number.EPSILON * scale) break;
        end++;
      }
      if (end === low || turn === 60) break;
      sweep(d, e, vectors, low, end);
    }
  }
}

/** One implicit QL step on the block low … end, its rotations applied to the vectors. */
function sweep(d: Float64Array, e: Float64Array, vectors: readonly Float64Array[], low: number, end: number): void {
  const ratio = ((d[low + 1] as number) - (d[low] as number)) / (2 * (e[low] as number));
  const root = Math.hypot(ratio, 1);
  let g = (d[end] as number) - (d[low] as number) + (e[low] as number) / (ratio + (ratio >= 0 ? root : -root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = end - 1; i >= low; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] = (d[i + 1] as number) - shift;
      e[end] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = (d[i + 1] as number) - shift;
    const t = ((d[i] as number) - g) * sine + 2 * cosine * b;
    shift = sine * t;
    d[i + 1] = g + shift;
    g = cosine * t - b;
    rotate(vectors[i] as Float64Array, vectors[i + 1] as Float64Array, sine, cosine);
  }
  d[low] = (d[low] as number) - shift;
  e[low] = g;
  e[end] = 0;
}

function rotate(one: Float64Array, next: Float64Array, sine: number, cosine: number): void {
  for (let k = 0; k < one.length; k++) {
    const f = next[k] as number;
    next[k] = sine * (one[k] as number) + cosine * f;
    one[k] = cosine * (one[k] as number) - sine * f;
  }
}
