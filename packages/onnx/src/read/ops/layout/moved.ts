// Rearranges operands, known or computed: transposes, slices, repeats and joins them without changing their values.
// An initializer remains learnable: a weight that is transposed before use is learned in the shape that the file stores.
import type { Shape, Value } from '@isonet/core';
import { sameShape, shapeText, sizeOf } from '@isonet/core';
import { checkRank } from '../../host/budget.ts';
import { hostBlock, hostJoined, hostRepeated, hostTransposed } from '../../host/layout.ts';
import type { HostTensor } from '../../hostTensor.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known, kindOfOperand, shapeOf } from '../../operand.ts';
import { broadcastTo } from '../broadcasting.ts';

/** Rearranges an operand with `onHost` if it is known, and with `onGraph` if the network computes or learns it. */
export function moved(
  operand: Operand,
  onHost: (tensor: HostTensor) => HostTensor,
  onGraph: (value: Value) => Value,
): Operand {
  if (!(operand instanceof Known)) return onGraph(operand);
  const { stored, tensor } = operand;
  const result = onHost(tensor);
  return stored && result.kind === 'float'
    ? new Known(result, { ...stored, through: (value) => onGraph(stored.through(value)) })
    : new Known(result);
}

/** Reshapes an operand. @throws NodeError if the shape has another number of elements */
export function reshapedTo(node: NodeReader, x: Operand, shape: Shape): Operand {
  const own = shapeOf(x);
  checkRank(node, shape.length);
  if (sizeOf(shape) !== sizeOf(own)) {
    throw node.fail(`cannot reshape ${shapeText(own)} to ${shapeText(shape)}`);
  }
  if (sameShape(own, shape)) return x;
  return moved(
    x,
    (tensor) => ({ ...tensor, shape }),
    (value) => {
      const result = node.op.reshape(value, { shape });
      const pool = node.frame.poolOfIndices.get(value);
      if (pool) node.frame.poolOfIndices.set(result, pool);
      return result;
    },
  );
}

/** Transposes an operand: axis i of the result is axis `permutation[i]` of x. */
export function transposed(node: NodeReader, x: Operand, permutation: readonly number[]): Operand {
  if (permutation.every((from, to) => from === to)) return x;
  return moved(
    x,
    (tensor) => hostTransposed(node, tensor, permutation),
    (value) => node.op.transpose(value, { permutation }),
  );
}

/** Returns the block of `sizes` that starts at `starts`. An empty block is a known operand: the graph has no empty values. */
function blockOf(node: NodeReader, x: Operand, starts: readonly number[], sizes: readonly number[]): Operand {
  if (sameShape(shapeOf(x), sizes)) return x;
  if (sizes.includes(0)) return new Known(hostTensor(kindOfOperand(x), sizes, []));
  return moved(
    x,
    (tensor) => hostBlock(node, tensor, starts, sizes),
    (value) => node.op.slice(value, { starts, sizes }),
  );
}

/** Slices an operand along one axis. */
export function blockAlong(node: NodeReader, x: Operand, axis: number, start: number, size: number): Operand {
  const shape = shapeOf(x);
  return blockOf(
    node,
    x,
    shape.map((_, i) => (i === axis ? start : 0)),
    shape.with(axis, size),
  );
}

/** Repeats an operand to a shape that it broadcasts to. */
export function repeatedTo(node: NodeReader, x: Operand, shape: Shape): Operand {
  if (sameShape(shapeOf(x), shape)) return x;
  return moved(
    x,
    (tensor) => hostRepeated(node, tensor, shape),
    (value) => broadcastTo(node, value, shape),
  );
}

/** Joins operands along an axis. Empty ones are skipped. */
export function joinedAlong(node: NodeReader, xs: readonly Operand[], axis: number): Operand {
  const [first, ...others] = xs.filter((x) => sizeOf(shapeOf(x)) > 0);
  if (!first) {
    const [empty] = xs;
    if (empty) return empty;
    throw node.fail('expected an input, got none');
  }
  const own = shapeOf(first);
  const fits = others.every(
    (x) =>
      shapeOf(x).length === own.length &&
      kindOfOperand(x) === kindOfOperand(first) &&
      sameShape(shapeOf(x).with(axis, 1), own.with(axis, 1)),
  );
  if (!fits) {
    throw node.fail(
      `expected inputs of one kind whose shapes differ only in axis ${axis}, got ${xs.map((x) => `${kindOfOperand(x)} ${shapeText(shapeOf(x))}`).join(', ')}`,
    );
  }
  if (others.length === 0) return first;
  const known = [first, ...others].flatMap((x) => (x instanceof Known ? [x.tensor] : []));
  const [head, ...tail] = known;
  if (head && known.length === others.length + 1) return new Known(hostJoined(node, [head, ...tail], axis));
  return node.op.concat(...[first, ...others].map((x) => node.valueOf(x)), { axis });
}
