// Limits the computation done while a network is built: a file of a hundred bytes can request a billion zeros.
import type { Shape } from '@isonet/core';
import { shapeText, sizeOf } from '@isonet/core';

/** The number of values that may be computed for any file: 2^22, at most 32 MB. */
const BASE_BUDGET = 2 ** 22;
/** The number of computed values allowed per value in the file: enough to transpose, cast and scale each one. */
const BUDGET_PER_VALUE = 8;

/** The maximum rank of a result, as in the decoder. Most operators of ONNX Runtime support at most 8. */
const MAX_AXES = 16;

/** The number of values that may still be computed while the network is built. */
export interface HostBudget {
  left: number;
}

/** @param sizes the number of values in each tensor of the file */
export function budgetOf(sizes: readonly number[]): HostBudget {
  return { left: sizes.reduce((sum, size) => sum + BUDGET_PER_VALUE * size, BASE_BUDGET) };
}

/** Raises the budget for one more tensor of the file. */
export function grow(budget: HostBudget, size: number): void {
  budget.left += BUDGET_PER_VALUE * size;
}

/** The part of a node reader that budget checks need. */
interface Spender {
  readonly frame: { readonly budget: HostBudget };
  fail(problem: string): Error;
}

/** @throws NodeError if a result has more axes than any network needs */
export function checkRank(node: Pick<Spender, 'fail'>, rank: number): void {
  if (rank > MAX_AXES) throw node.fail(`expected at most ${MAX_AXES} axes, got ${rank}`);
}

/**
 * Charges the budget for a result that is about to be computed.
 * @returns the number of its values
 * @throws NodeError if the budget is exceeded
 */
export function spend(node: Spender, shape: Shape): number {
  checkRank(node, shape.length);
  const size = sizeOf(shape);
  const { budget } = node.frame;
  if (!(size <= budget.left)) {
    throw node.fail(
      `expected at most 2^22 values, plus eight times those in the file, to be computed while the network is built; ${shapeText(shape)} exceeds that`,
    );
  }
  budget.left -= size;
  return size;
}

/** The maximum number of indices along an axis. No axis of a network is longer. */
const MAX_INDICES = 2 ** 20;

/**
 * Charges the budget for a list of indices that is about to be created.
 * @returns its length
 * @throws NodeError if the list is too long
 */
export function indexCount(node: Spender, count: number): number {
  if (count <= MAX_INDICES) return spend(node, [count]);
  throw node.fail(
    `expected at most 2^20 indices along an axis to be computed while the network is built, got ${count}`,
  );
}
