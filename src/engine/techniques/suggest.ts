/** "Did you mean": the known word nearest to an unknown one by edit distance (Levenshtein), where it is near enough to be a slip. */

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** A sentence that starts the hint of an error: the nearest known word where there is one, else all of them. */
export function didYouMean(word: string, known: readonly string[]): string {
  let nearest = '';
  let least = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  if (nearest !== '') return `Did you mean "${nearest}"?`;
  return known.length === 0 ? 'There are none here.' : `Known here: ${known.join(', ')}.`;
}
