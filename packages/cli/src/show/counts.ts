// Counts the checks of a conformance report.
import type { Report, Status } from '@isonet/conformance';

/** Returns the number of checks with a status, native and decomposed. */
export function countOf({ native, decomposed }: Report, status: Status): number {
  return native[status] + decomposed[status];
}
