// Clip: its limits are attributes up to operator set 10, and inputs from 11 on. Either may be missing.
import type { Value } from '@isonet/core';
import { onNumbers } from '../../host/numbers.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { numberOf, spreadTo } from '../broadcasting.ts';
import { like } from './like.ts';

export const Clip: ReadOp = (node) => {
  const { op } = node;
  const known = node.known(0);
  const isFixed = [1, 2].every((i) => !node.has(i) || node.known(i));
  const [low, high] = isFixed ? [limit(node, 'min', 1), limit(node, 'max', 2)] : [undefined, undefined];
  if (known && isFixed) {
    return new Known(
      onNumbers(node, [known], (x) => Math.min(Math.max(x, low ?? -Infinity), high ?? Infinity)),
    );
  }
  const x = node.float(0);
  // If min is above max, ONNX returns max, but core's clip throws.
  if (low !== undefined && high !== undefined && low <= high) return op.clip(x, { low, high });
  const side = (number: number | undefined, i: number): Value | undefined => {
    if (!isFixed && node.has(i)) return spreadTo(node, i, x.shape);
    return number === undefined ? undefined : like(node, number, x);
  };
  const [least, greatest] = [side(low, 1), side(high, 2)];
  const raised = least ? op.max(x, least) : x;
  return greatest ? op.min(raised, greatest) : raised;
};

/** Returns the limit; undefined if it is missing or infinite. */
function limit(node: NodeReader, name: 'min' | 'max', i: number): number | undefined {
  const isInput = node.opset >= 11;
  if (isInput ? !node.has(i) : !node.attributes.has(name)) return undefined;
  const number = isInput ? numberOf(node, i) : node.attributes.float(name);
  if (Number.isNaN(number)) throw node.fail(`expected a number as ${name}, got NaN`);
  return Number.isFinite(number) ? number : undefined;
}
