// Covering arrays: a few rows in which every pair of values of any two factors occurs together (Cohen et al. 1997,
// "The AETG system"). The full product would have thousands of rows. The algorithm is greedy and deterministic: the
// same factors always produce the same rows.
import { elementAt } from '../check/compare.ts';

type Factors = Readonly<Record<string, readonly unknown[]>>;
export type Row<F extends Factors> = { readonly [K in keyof F]: F[K][number] };

/**
 * Returns rows with one value of each factor, such that every pair of values of any two factors occurs together in
 * some row.
 * @param together groups of factors for which every combination of values occurs, not just every pair
 */
export function covering<F extends Factors>(
  factors: F,
  together: readonly (readonly (keyof F & string)[])[] = [],
): readonly Row<F>[] {
  const named = Object.entries(factors);
  const groups = together.map((group) => group.map((name) => named.findIndex(([other]) => other === name)));
  const sizes = named.map(([, values]) => values.length);
  return coveringLevels(sizes, groups).map((levels) => {
    const entries = named.map(([name, values], i) => [name, values[elementAt(levels, i)]] as const);
    // Object.fromEntries does not keep the names in its type.
    return Object.fromEntries(entries) as Row<F>;
  });
}

/** One level per factor; undefined if it is not chosen yet. */
type Draft = (number | undefined)[];

/** Levels of some factors that must occur together in a row. */
interface Combination {
  readonly factors: readonly number[];
  readonly levels: readonly number[];
}

function coveringLevels(
  sizes: readonly number[],
  together: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const pairs = sizes.flatMap((_, a) => sizes.slice(a + 1).map((__, after) => [a, a + 1 + after]));
  // Singles matter only if there is a single factor.
  const singles = sizes.map((_, factor) => [factor]);
  const wanted = new Set(
    [...together, ...pairs, ...singles].flatMap((factors) => combinationsOf(factors, sizes)),
  );
  const rows: (readonly number[])[] = [];
  for (const first of wanted) {
    const draft: Draft = sizes.map(() => undefined);
    first.factors.forEach((factor, i) => (draft[factor] = first.levels[i]));
    const row = sizes.map((size, factor) => {
      const gains = gainsOf(factor, size, draft, wanted);
      const best = Math.max(...gains);
      const candidates = gains.flatMap((gain, level) => (gain === best ? [level] : []));
      const chosen = draft[factor] ?? leastUsed(candidates, factor, rows);
      draft[factor] = chosen;
      return chosen;
    });
    rows.push(row);
    for (const combination of wanted) if (occurs(combination, row)) wanted.delete(combination);
  }
  return rows;
}

/**
 * Returns a weight for each level of a factor: how many wanted combinations it completes or may still help to
 * complete.
 */
function gainsOf(
  factor: number,
  size: number,
  draft: Draft,
  wanted: Iterable<Combination>,
): readonly number[] {
  const gains = new Float64Array(size);
  for (const { factors, levels } of wanted) {
    const level = levels[factors.indexOf(factor)];
    const others = factors.filter((other) => other !== factor);
    const open = others.some((other) => draft[other] === undefined);
    const possible = others.every(
      (other) => (draft[other] ?? levels[factors.indexOf(other)]) === levels[factors.indexOf(other)],
    );
    // Completing one combination outweighs any number of combinations that may be completed later.
    if (level !== undefined && possible) gains[level] = elementAt(gains, level) + (open ? 1e-4 : 1);
  }
  return [...gains];
}

/** Breaks ties so that all levels are used about equally often. */
function leastUsed(
  candidates: readonly number[],
  factor: number,
  rows: readonly (readonly number[])[],
): number {
  const uses = (level: number): number => rows.filter((row) => row[factor] === level).length;
  return candidates.reduce((least, level) => (uses(level) < uses(least) ? level : least));
}

function occurs({ factors, levels }: Combination, row: readonly number[]): boolean {
  return factors.every((factor, i) => row[factor] === levels[i]);
}

function combinationsOf(factors: readonly number[], sizes: readonly number[]): readonly Combination[] {
  const all = factors.reduce<readonly (readonly number[])[]>(
    (found, factor) =>
      found.flatMap((levels) => Array.from({ length: elementAt(sizes, factor) }, (_, i) => [...levels, i])),
    [[]],
  );
  return all.map((levels) => ({ factors, levels }));
}
