// Errors of a request: a name that nothing has, options that exclude each other. Each is one line that says how it is
// right.
import { nearest } from '@isonet/core';

export { nearest } from '@isonet/core';

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
