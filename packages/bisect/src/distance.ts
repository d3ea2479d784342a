// How far numbers are apart. NaN equals NaN; anything else that is not finite is infinitely off.

export function errorOf(got: number, expected: number): number {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Infinity : error;
}

/** |got - expected| in the L2 norm. */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < expected.length; i++) sum += errorOf(got[i] ?? NaN, expected[i] ?? NaN) ** 2;
  return Math.sqrt(sum);
}
