// Errors for invalid requests, such as an unknown name or conflicting options. Each message is one line and names the fix.
import { nearest } from '@isonet/core';

export { nearest } from '@isonet/core';

/** An invalid request, which the caller has to change. All other failures are errors of other classes. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Builds the error for an unknown name: `unknown model "nim", did you mean nin? (available: nin)` */
export function unknownName(what: string, given: string, known: readonly string[]): UsageError {
  const meant = nearest(given, known);
  const question = meant === undefined ? '' : `, did you mean ${meant}?`;
  return new UsageError(`unknown ${what} "${given}"${question} (available: ${known.join(', ')})`);
}
