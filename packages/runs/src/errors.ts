// Errors of a request: a name that nothing has, options that exclude each other. Each is one line that says how it is
// right.
import { distance } from 'fastest-levenshtein';

/** A request that makes no sense as it is: the caller has to change it. Everything else that goes wrong is another error. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `unknown model "nim", did you mean nin? (there are: nin)` */
export function unknownName(what: string, given: string, known: readonly string[]): UsageError {
  const meant = nearest(given, known);
  const question = meant === undefined ? '' : `, did you mean ${meant}?`;
  return new UsageError(`unknown ${what} "${given}"${question} (there are: ${known.join(', ')})`);
}

/** The known name that is closest, if it can be a slip of the fingers. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, slips: distance(given.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.slips - b.slips);
  const [best] = ranked;
  return best && best.slips <= Math.max(1, Math.floor(given.length / 2)) ? best.name : undefined;
}
