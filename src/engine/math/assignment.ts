/**
 * The assignment problem: each row gets a column of its own such that the sum of what they are worth together is greatest.
 * Shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957, in the form of Jonker and Volgenant 1987); O(rows² · columns).
 */

/** The column of each row; `worth` is row-major [rows, columns] with rows ≤ columns. */
export function assign(worth: Float64Array, rows: number, columns: number): number[] {
  // Indices count from 1; column 0 stands for the row that is being placed.
  const rowOf = new Int32Array(columns + 1);
  const rowPrice = new Float64Array(rows + 1);
  const columnPrice = new Float64Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    const cameFrom = new Int32Array(columns + 1);
    const slack = new Float64Array(columns + 1).fill(Infinity);
    const visited = new Uint8Array(columns + 1);
    let column = 0;
    while (rowOf[column] !== 0) {
      visited[column] = 1;
      const from = rowOf[column] as number;
      let [least, next] = [Infinity, 0];
      for (let other = 1; other <= columns; other++) {
        if (visited[other]) continue;
        const cost = -(worth[(from - 1) * columns + other - 1] as number);
        const reduced = cost - (rowPrice[from] as number) - (columnPrice[other] as number);
        if (reduced < (slack[other] as number)) {
          slack[other] = reduced;
          cameFrom[other] = column;
        }
        if ((slack[other] as number) < least) [least, next] = [slack[other] as number, other];
      }
      for (let other = 0; other <= columns; other++) {
        if (visited[other]) {
          const owner = rowOf[other] as number;
          rowPrice[owner] = (rowPrice[owner] as number) + least;
          columnPrice[other] = (columnPrice[other] as number) - least;
        } else slack[other] = (slack[other] as number) - least;
      }
      column = next;
    }
    while (column !== 0) {
      const before = cameFrom[column] as number;
      rowOf[column] = rowOf[before] as number;
      column = before;
    }
  }
  const chosen = new Array<number>(rows).fill(0);
  for (let column = 1; column <= columns; column++) if (rowOf[column] !== 0) chosen[(rowOf[column] as number) - 1] = column - 1;
  return chosen;
}
