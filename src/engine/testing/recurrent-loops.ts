/**
 * Recurrent layers as plain loops over numbers in double precision, after the definitions in the documentation of Keras and PyTorch:
 * the judge of model/ops/recurrent.ts. One sample, rows of steps; gates in Keras' order (LSTM i f c o, GRU z r h).
 */

export interface Loop {
  readonly cell: 'LSTM' | 'GRU' | 'SimpleRNN';
  readonly units: number;
  /** [features, gates · units], row-major. */
  readonly kernel: ArrayLike<number>;
  /** [units, gates · units]. */
  readonly recurrent: ArrayLike<number>;
  readonly bias?: ArrayLike<number> | undefined;
  readonly resetAfter?: boolean;
  readonly gate: (x: number) => number;
  readonly activation: (x: number) => number;
  /** False for steps that are passed over. */
  readonly kept?: readonly boolean[];
}

/** The output of every step. */
export function loopOutputs(loop: Loop, steps: readonly (readonly number[])[]): number[][] {
  const { cell, units, gate, activation, kernel, recurrent, bias, resetAfter } = loop;
  const width = units * { LSTM: 4, GRU: 3, SimpleRNN: 1 }[cell];
  const at = (list: ArrayLike<number> | undefined, index: number): number => list?.[index] ?? 0;
  const product = (row: readonly number[], matrix: ArrayLike<number>, column: number): number =>
    row.reduce((sum, value, i) => sum + value * at(matrix, i * width + column), 0);
  let h = new Array<number>(units).fill(0);
  let c = new Array<number>(units).fill(0);
  return steps.map((x, time) => {
    if (loop.kept?.[time] === false) return h;
    const part = (block: number, u: number) => product(x, kernel, block * units + u) + at(bias, block * units + u);
    const past = (block: number, u: number, state = h) => product(state, recurrent, block * units + u);
    const each = (work: (u: number) => number): number[] => Array.from({ length: units }, (_, u) => work(u));
    if (cell === 'SimpleRNN') h = each((u) => activation(part(0, u) + past(0, u)));
    if (cell === 'LSTM') {
      const before = c;
      const all = (block: number, u: number) => part(block, u) + past(block, u);
      c = each((u) => gate(all(1, u)) * (before[u] ?? 0) + gate(all(0, u)) * activation(all(2, u)));
      h = each((u) => gate(all(3, u)) * activation(c[u] ?? 0));
    }
    if (cell === 'GRU') {
      const extra = (block: number, u: number) => (resetAfter ? at(bias, width + block * units + u) : 0);
      const update = each((u) => gate(part(0, u) + past(0, u) + extra(0, u)));
      const reset = each((u) => gate(part(1, u) + past(1, u) + extra(1, u)));
      const scaled = h.map((value, u) => value * (reset[u] ?? 0));
      const candidate = each((u) =>
        activation(part(2, u) + (resetAfter ? (reset[u] ?? 0) * (past(2, u) + extra(2, u)) : past(2, u, scaled))),
      );
      h = each((u) => (update[u] ?? 0) * (h[u] ?? 0) + (1 - (update[u] ?? 0)) * (candidate[u] ?? 0));
    }
    return h;
  });
}
