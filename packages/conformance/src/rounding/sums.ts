// Bounds the error of each result of a graph as a whole, from the length of the graph's sums.
import type { Graph } from '@isonet/core';
import { decompose } from '@isonet/core';
import { roundingOf, U } from './table.ts';

/** A safety factor on sqrt(n) U, the expected error of a sum of n terms. */
const SLACK = 8;

/**
 * Returns a bound on the relative error in the L2 norm. The bounds of bounds.ts assume the worst case, in which every
 * rounding errs in the same direction: a sum of n terms may lose n U of the sum of the terms' magnitudes. At 1000
 * terms, that is more than rounding the inputs to TF32 loses. But rounding errors partly cancel: many sums together
 * are off by about sqrt(n) U (Higham and Mary 2019, "A new approach to probabilistic rounding error analysis"),
 * sequential sums by sqrt(n / 6) U, and sums in blocks by less. For 1000 terms, the error of TF32, 2e-4, is 13 times
 * this bound.
 */
export function overallBound(graph: Graph): number {
  return SLACK * U * Math.sqrt(longestSum(graph));
}

/** Returns the number of terms in the longest sum of the graph. */
export function longestSum(graph: Graph): number {
  const primitive = decompose(graph, () => true);
  return Math.max(1, ...primitive.nodes.map((node) => roundingOf(primitive, node).terms));
}
