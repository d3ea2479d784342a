// Reshape, Flatten, Squeeze and Unsqueeze.
import type { Shape } from '@isonet/core';
import { dimOf, shapeText, sizeOf } from '@isonet/core';
import { checkRank } from '../../host/budget.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known } from '../../operand.ts';
import { reshapedTo } from '../layout/moved.ts';
import { listedAxes } from '../axes.ts';
import { intsOf } from './intLists.ts';

export const Reshape: ReadOp = (node) => reshaped(node, target(node, node.ints(1)));

export const Flatten: ReadOp = (node) => {
  const shape = node.shape(0);
  const axis = node.attributes.int('axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  if (at < 0 || at > shape.length) {
    throw node.fail(`expected an axis from ${-shape.length} to ${shape.length}, got ${axis}`);
  }
  return reshaped(node, [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]);
};

export const Squeeze: ReadOp = (node) => {
  const shape = node.shape(0);
  const given = intsOf(node, 'axes', 1, 13);
  const axes = given
    ? listedAxes(node, given, shape.length)
    : shape.flatMap((dim, axis) => (dim === 1 && !isBatchAlone(node, axis) ? [axis] : []));
  const long = axes.find((axis) => shape[axis] !== 1);
  if (long !== undefined) throw node.fail(`expected axes of size 1, got axis ${long} of ${shapeText(shape)}`);
  return reshaped(
    node,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
};

/**
 * Returns whether an axis has size 1 only because the network is built for one sample. For any other batch size,
 * Squeeze would keep it.
 */
function isBatchAlone(node: NodeReader, axis: number): boolean {
  const { declared, bound } = node.frame.batch;
  return axis === 0 && bound === 1 && declared !== 1 && !node.known(0);
}

export const Unsqueeze: ReadOp = (node) => {
  const given = intsOf(node, 'axes', 1, 13);
  if (!given) throw node.fail('expected axes, got none');
  const rest = [...node.shape(0)];
  checkRank(node, rest.length + given.length);
  const axes = listedAxes(node, given, rest.length + given.length);
  const shape = Array.from({ length: rest.length + axes.length }, (_, axis) =>
    axes.includes(axis) ? 1 : dimOf(rest.splice(0, 1), 0),
  );
  return reshaped(node, shape);
};

/** Reshapes input 0. An initializer stays learnable: a weight that is reshaped before use is still learned. */
function reshaped(node: NodeReader, shape: Shape): Operand {
  return reshapedTo(node, node.input(0), shape);
}

/** Returns the shape that `wanted` describes: 0 keeps a dimension, and a single -1 is inferred. */
function target(node: NodeReader, wanted: readonly number[]): Shape {
  const shape = node.shape(0);
  const size = sizeOf(shape);
  const allowZero = node.attributes.int('allowzero', 0) !== 0;
  const least = node.input(0) instanceof Known ? 0 : 1;
  const dims = wanted.map((dim, axis) => (dim === 0 && !allowZero ? (shape[axis] ?? -2) : dim));
  const plain = filledUp(dims, size, least);
  // In a file exported for another batch size, the first dimension is that size, hard-coded. Replacing it takes
  // precedence over inferring a -1: [1, -1] means one row per sample, not one row for all.
  const batched = filledUp(withBatch(node, dims), size, least);
  const filled = dims[0] === node.frame.batch.declared ? (batched ?? plain) : (plain ?? batched);
  if (filled) return filled;
  throw node.fail(`cannot reshape ${shapeText(shape)} to ${shapeText(wanted)}`);
}

/** Replaces the batch size of the file with the current one, if the first axis is a multiple of it. */
function withBatch(node: NodeReader, dims: Shape): Shape {
  const { declared, bound } = node.frame.batch;
  const [first] = dims;
  if (first === undefined || first < 1 || declared === undefined || node.known(0)) return dims;
  return first % declared === 0 ? dims.with(0, (first / declared) * bound) : dims;
}

/** Resolves a -1 to the remaining size. Returns undefined if the shape does not have `size` elements. */
function filledUp(dims: readonly number[], size: number, least: number): Shape | undefined {
  if (dims.filter((dim) => dim === -1).length > 1) return undefined;
  const known = dims.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const filled = dims.map((dim) => (dim === -1 ? size / known : dim));
  const fits = sizeOf(filled) === size && filled.every((dim) => Number.isInteger(dim) && dim >= least);
  return fits ? filled : undefined;
}
