// Suggests the name that a misspelled name probably stands for.

/**
 * Returns the only known name that starts with `given` or, failing that, the name with the smallest edit
 * distance. Returns undefined if that distance is more than half the length of `given`.
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const begun = known.filter((name) => lower.length >= 3 && name.toLowerCase().startsWith(lower));
  if (begun.length === 1) return begun[0];
  const most = Math.max(1, Math.floor(given.length / 2));
  const slips = known.map((name) => distance(lower, name.toLowerCase()));
  const least = Math.min(...slips);
  return least <= most ? known[slips.indexOf(least)] : undefined;
}

/** Returns the number of letters to insert, delete or replace (Levenshtein distance). */
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
