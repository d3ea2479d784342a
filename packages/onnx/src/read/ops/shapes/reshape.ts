// Reshape and Flatten: the same numbers under another shape.
import type { Shape } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known } from '../../operand.ts';

export const Reshape: ReadOp = (node) => reshaped(node, target(node, node.ints(1)));

export const Flatten: ReadOp = (node) => {
  const shape = node.shape(0);
  const axis = node.attributes.int('axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return reshaped(node, [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]);
};

/** Input 0 under another shape. An initializer stays one: a weight that is reshaped before it is used is learned all the same. */
export function reshaped(node: NodeReader, shape: Shape): Operand {
  const x = node.input(0);
  if (!(x instanceof Known)) return node.op.reshape(x, { shape });
  if (sizeOf(shape) !== x.tensor.data.length)
    throw node.fail(`cannot lay out [${x.tensor.shape.join(', ')}] as [${shape.join(', ')}]`);
  const tensor = { ...x.tensor, shape };
  const { stored } = x;
  return stored
    ? new Known(tensor, { ...stored, through: (value) => node.op.reshape(stored.through(value), { shape }) })
    : new Known(tensor);
}

/** The shape that `wanted` asks for: 0 keeps a dimension, one -1 is what is left. */
function target(node: NodeReader, wanted: readonly number[]): Shape {
  const shape = node.shape(0);
  const size = sizeOf(shape);
  const allowZero = node.attributes.int('allowzero', 0) !== 0;
  const dims = wanted.map((dim, axis) => (dim === 0 && !allowZero ? (shape[axis] ?? 0) : dim));
  const known = dims.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const filled = dims.map((dim) => (dim === -1 ? size / known : dim));
  if (sizeOf(filled) === size && filled.every((dim) => Number.isInteger(dim) && dim > 0)) return filled;
  // Exported for a number of images that is not the one at hand: that number, written out, is the batch.
  const { declared, bound } = node.frame.batch;
  const [first, ...rest] = dims;
  if (declared !== undefined && first === declared && !node.known(0)) {
    const others = rest.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
    const batched = [bound, ...rest.map((dim) => (dim === -1 ? size / bound / others : dim))];
    if (sizeOf(batched) === size && batched.every((dim) => Number.isInteger(dim) && dim > 0)) return batched;
  }
  throw node.fail(`cannot lay out [${shape.join(', ')}] as [${wanted.join(', ')}]`);
}
