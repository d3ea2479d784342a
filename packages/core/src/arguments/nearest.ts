// The name that a slip of the fingers was meant to be.

/** The known name that begins with what was given, or is closest to it, by half of its letters at most; undefined where none is. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const begun = known.filter((name) => lower.length >= 3 && name.toLowerCase().startsWith(lower));
  if (begun.length === 1) return begun[0];
  const most = Math.max(1, Math.floor(given.length / 2));
  const slips = known.map((name) => distance(lower, name.toLowerCase()));
  const least = Math.min(...slips);
  return least <= most ? known[slips.indexOf(least)] : undefined;
}

/** Letters to insert, leave out or exchange (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const kept = row[j]! + (letter === b[j] ? 0 : 1);
      next.push(Math.min(kept, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
