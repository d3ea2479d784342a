// A bound on what is computed while a network is built. A file of a hundred bytes may ask for a billion zeros.
import type { Shape } from '@isonet/core';
import { shapeText, sizeOf } from '@isonet/core';

/** Values that a file may have computed whatever it holds: 2^22, which are 32 MB at most. */
const ALWAYS = 2 ** 22;
/** How often each of the file's own values may be computed with: transposed, cast, scaled. */
const TIMES = 8;

/** ONNX Runtime's own limit for most operators is 8; files decode with 16. */
const MOST_AXES = 16;

/** How many values may still be computed while the network is built. */
export interface HostBudget {
  left: number;
}

/** @param sizes how many values each tensor of the file has */
export function budgetOf(sizes: readonly number[]): HostBudget {
  return { left: sizes.reduce((sum, size) => sum + TIMES * size, ALWAYS) };
}

/** Allows for what is computed with one more tensor of the file. */
export function grow(budget: HostBudget, size: number): void {
  budget.left += TIMES * size;
}

/** The part of a node's reader that is asked. */
interface Spender {
  readonly frame: { readonly budget: HostBudget };
  fail(problem: string): Error;
}

/** @throws NodeError where a result has more axes than any network needs */
export function checkRank(node: Pick<Spender, 'fail'>, rank: number): void {
  if (rank > MOST_AXES) throw node.fail(`expected at most ${MOST_AXES} axes, got ${rank}`);
}

/** The number of values of a result that is about to be computed. @throws NodeError where that is too many */
export function spend(node: Spender, shape: Shape): number {
  checkRank(node, shape.length);
  const size = sizeOf(shape);
  const { budget } = node.frame;
  if (!(size <= budget.left)) {
    throw node.fail(
      `expected at most 2^22 values, and eight times those in the file, to be known while the network is built; ${shapeText(shape)} is beyond`,
    );
  }
  budget.left -= size;
  return size;
}

/** No axis of a network is longer. */
const MOST_INDICES = 2 ** 20;

/** The length of a list of indices along an axis that is about to be made. @throws NodeError where it is too long */
export function indexCount(node: Spender, count: number): number {
  if (count <= MOST_INDICES) return spend(node, [count]);
  throw node.fail(
    `expected at most 2^20 indices along an axis to be known while the network is built, got ${count}`,
  );
}
