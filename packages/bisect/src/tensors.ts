// Distances between tensors. NaN equals NaN; any other difference that is NaN counts as infinite.
import { elementAt } from '@isonet/conformance/judging';

/** |got - expected| of each value. @throws Error if there are fewer values than expected */
export function errorsOf(got: ArrayLike<number>, expected: ArrayLike<number>): Float64Array {
  return Float64Array.from(expected, (value, i) => errorOf(elementAt(got, i), value));
}

/** |got - expected| in the L2 norm. @throws Error if there are fewer values than expected */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Math.sqrt(errorsOf(got, expected).reduce((sum, error) => sum + error ** 2, 0));
}

function errorOf(got: number, expected: number): number {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Infinity : error;
}
