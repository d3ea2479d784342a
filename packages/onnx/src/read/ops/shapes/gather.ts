// Gather, GatherElements, GatherND and ScatterND. Negative indices count from the end.
import type { Shape, Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { eachPosition, stridesOf } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { joinedAlong, reshapedTo } from '../layout/moved.ts';
import { gathered, pickedAlong } from '../layout/picked.ts';
import { axisOf } from '../axes.ts';
import { fromTheStart } from './indices.ts';

export const Gather: ReadOp = (node) => {
  const shape = node.shape(0);
  const axis = axisOf(node, node.attributes.int('axis', 0), shape.length);
  const size = dimOf(shape, axis);
  if (!node.known(1)) return gatheredBy(node, axis, size);
  const indices = integers(node, 1);
  const picked = pickedAlong(
    node,
    node.input(0),
    axis,
    Array.from(indices.data, (i) => checked(node, i, size)),
  );
  return reshapedTo(node, picked, shape.toSpliced(axis, 1, ...indices.shape));
};

/** Gathers by indices that the network computes, as for an embedding. An index outside the axis yields 0. */
function gatheredBy(node: NodeReader, axis: number, size: number): Value {
  const { op } = node;
  const [x, indices] = [node.value(0), node.value(1)];
  const count = sizeOf(indices.shape);
  const wrapped = fromTheStart(node, op.reshape(indices, { shape: [count] }), size);
  const picked = gathered(node, x, axis, wrapped);
  return op.reshape(picked, { shape: x.shape.toSpliced(axis, 1, ...indices.shape) });
}

export const GatherElements: ReadOp = (node) => {
  const [shape, indices] = [node.shape(0), integers(node, 1)];
  const axis = axisOf(node, node.attributes.int('axis', 0), shape.length);
  const fits = indices.shape.length === shape.length;
  if (!fits || indices.shape.some((dim, i) => i !== axis && dim > dimOf(shape, i))) {
    throw node.fail('expected indices within the shape of the data');
  }
  const strides = stridesOf(shape);
  const positions: number[] = [];
  let at = 0;
  eachPosition(indices.shape, [strides.with(axis, 0)], ([offset]) => {
    positions.push(offset! + checked(node, indices.data[at++]!, dimOf(shape, axis)) * strides[axis]!);
  });
  const flat = reshapedTo(node, node.input(0), [sizeOf(shape)]);
  return reshapedTo(node, pickedAlong(node, flat, 0, positions), indices.shape);
};

export const GatherND: ReadOp = (node) => {
  const [shape, indices] = [node.shape(0), integers(node, 1)];
  const { rows, run } = rowsOf(node, shape, indices, node.attributes.int('batch_dims', 0));
  const table = reshapedTo(node, node.input(0), [sizeOf(shape) / sizeOf(run), sizeOf(run)]);
  return reshapedTo(node, pickedAlong(node, table, 0, rows), [...indices.shape.slice(0, -1), ...run]);
};

const REDUCTIONS: Readonly<Record<string, (old: number, update: number) => number>> = {
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

export const ScatterND: ReadOp = (node) => {
  const shape = node.shape(0);
  const { rows, run } = rowsOf(node, shape, integers(node, 1), 0);
  const [size, total] = [sizeOf(run), sizeOf(shape)];
  if (sizeOf(node.shape(2)) !== rows.length * size) throw node.fail('expected one update per index');
  const reduction = node.attributes.string('reduction', 'none');
  if (reduction !== 'none') return reduced(node, reduction, rows, size);
  // Every row of the result is picked from a table that contains the rows of the data, followed by those of the
  // updates.
  const table = reshapedTo(node, node.input(0), [total / size, size]);
  const all = joinedAlong(node, [table, reshapedTo(node, node.input(2), [rows.length, size])], 0);
  const from = Array.from({ length: spend(node, [total / size]) }, (_, row) => row);
  rows.forEach((row, i) => (from[row] = total / size + i));
  return reshapedTo(node, pickedAlong(node, all, 0, from), shape);
};

/** Combines known updates with known data: by addition, for example. */
function reduced(node: NodeReader, name: string, rows: readonly number[], size: number): Known {
  const reduce = Object.hasOwn(REDUCTIONS, name) ? REDUCTIONS[name] : undefined;
  if (!reduce) throw node.fail(`unknown reduction ${name}`);
  const [{ kind, shape, data }, updates] = [node.host(0), node.host(2)];
  spend(node, shape);
  const result = Float64Array.from(data);
  rows.forEach((row, i) => {
    for (let k = 0; k < size; k++) {
      result[row * size + k] = reduce(result[row * size + k]!, updates.data[i * size + k]!);
    }
  });
  return new Known(hostTensor(kind, shape, result));
}

/** Views the data as a table of rows of shape `run`, and returns the row numbers that the indices select. */
function rowsOf(
  node: NodeReader,
  shape: Shape,
  { shape: own, data }: HostTensor,
  batch: number,
): { readonly rows: readonly number[]; readonly run: Shape } {
  const depth = own.at(-1);
  if (depth === undefined || depth + batch > shape.length || batch < 0 || batch >= own.length) {
    throw node.fail(`indices [${own.join(', ')}] do not point into [${shape.join(', ')}]`);
  }
  const isSame = own.slice(0, batch).every((dim, axis) => dim === shape[axis]);
  if (!isSame) throw node.fail('expected indices and data with the same batch axes');
  const strides = stridesOf(shape.slice(0, batch + depth));
  const perBatch = sizeOf(own.slice(batch, -1));
  const rowsPerBatch = sizeOf(shape.slice(batch, batch + depth));
  const rows = Array.from({ length: spend(node, own.slice(0, -1)) }, (_, i) => {
    let row = Math.floor(i / perBatch) * rowsPerBatch;
    for (let k = 0; k < depth; k++) {
      row += checked(node, data[i * depth + k]!, dimOf(shape, batch + k)) * strides[batch + k]!;
    }
    return row;
  });
  return { rows, run: shape.slice(batch + depth) };
}

function integers(node: NodeReader, i: number): HostTensor {
  const tensor = node.host(i);
  if (tensor.kind === 'int') return tensor;
  throw node.fail(`expected input ${i} to be integers, got ${tensor.kind}`);
}

/** Returns an index counted from 0. Negative indices count from the end. */
function checked(node: NodeReader, index: number, size: number): number {
  const at = index < 0 ? index + size : index;
  if (at >= 0 && at < size) return at;
  throw node.fail(`expected indices from ${-size} to ${size - 1}, got ${index}`);
}
