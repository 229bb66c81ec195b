/** Measurements in turn: what else the machine does falls on all alike. */

/** The least of what each of some measurements gives, taken in turn for some rounds. */
export async function inTurn<Name extends string>(
  contenders: Readonly<Partial<Record<Name, () => Promise<number>>>>,
  turns: number,
): Promise<Partial<Record<Name, number>>> {
  const least: Partial<Record<Name, number>> = {};
  for (let turn = 0; turn < turns; turn++) {
    for (const [name, measure] of Object.entries(contenders) as [Name, (() => Promise<number>) | undefined][]) {
      if (measure !== undefined) least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, await measure());
    }
  }
  return least;
}
