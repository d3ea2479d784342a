// Gather and its kin. Indices are known while the network is built; negative ones count from the end.
import type { Shape } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { eachPlace, stridesOf } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { reshapedTo } from '../layout/moved.ts';
import { pickedAlong } from '../layout/picked.ts';
import { axisOf } from './axes.ts';

export const Gather: ReadOp = (node) => {
  const shape = node.shape(0);
  const axis = axisOf(node, node.attributes.int('axis', 0), shape.length);
  const indices = integers(node, 1);
  const wrapped = Array.from(indices.data, (index) => wrap(index, dimOf(shape, axis)));
  const picked = pickedAlong(node, node.input(0), axis, wrapped);
  return reshapedTo(node, picked, shape.toSpliced(axis, 1, ...indices.shape));
};

export const GatherElements: ReadOp = (node) => {
  const [x, indices] = [node.host(0), integers(node, 1)];
  const axis = axisOf(node, node.attributes.int('axis', 0), x.shape.length);
  const strides = stridesOf(x.shape);
  const fits = indices.shape.length === x.shape.length;
  if (!fits || indices.shape.some((dim, i) => i !== axis && dim > dimOf(x.shape, i))) {
    throw node.fail('expected indices within the shape of the data');
  }
  const result = new Float64Array(spend(node, indices.shape));
  let at = 0;
  eachPlace(indices.shape, [strides.with(axis, 0)], ([offset]) => {
    const index = checked(node, indices.data[at]!, dimOf(x.shape, axis));
    result[at++] = x.data[offset! + index * strides[axis]!]!;
  });
  return new Known(hostTensor(x.kind, indices.shape, result));
};

export const GatherND: ReadOp = (node) => {
  const [x, indices] = [node.host(0), integers(node, 1)];
  const batch = node.attributes.int('batch_dims', 0);
  const { offsets, run } = places(node, x.shape, indices, batch);
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(x.shape.length - run.length)];
  const result = new Float64Array(spend(node, shape));
  const size = sizeOf(run);
  offsets.forEach((from, i) => result.set(x.data.subarray(from, from + size), i * size));
  return new Known(hostTensor(x.kind, shape, result));
};

const REDUCTIONS: Readonly<Record<string, (old: number, update: number) => number>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

export const ScatterND: ReadOp = (node) => {
  const [x, indices, updates] = [node.host(0), integers(node, 1), node.host(2)];
  const name = node.attributes.string('reduction', 'none');
  const reduce = Object.hasOwn(REDUCTIONS, name) ? REDUCTIONS[name] : undefined;
  if (!reduce) throw node.fail(`reduction ${name} is not known`);
  const { offsets, run } = places(node, x.shape, indices, 0);
  const size = sizeOf(run);
  if (updates.data.length !== offsets.length * size) throw node.fail('expected an update for each index');
  spend(node, x.shape);
  const result = Float64Array.from(x.data);
  offsets.forEach((from, i) => {
    for (let k = 0; k < size; k++) result[from + k] = reduce(result[from + k]!, updates.data[i * size + k]!);
  });
  return new Known(hostTensor(x.kind, x.shape, result));
};

/** Where the rows of indices point to, and the shape of what lies there. */
function places(
  node: NodeReader,
  shape: Shape,
  { shape: own, data }: HostTensor,
  batch: number,
): { readonly offsets: readonly number[]; readonly run: Shape } {
  const depth = own.at(-1);
  if (depth === undefined || depth + batch > shape.length || batch < 0 || batch >= own.length) {
    throw node.fail(`indices [${own.join(', ')}] do not point into [${shape.join(', ')}]`);
  }
  const same = own.slice(0, batch).every((dim, axis) => dim === shape[axis]);
  if (!same) throw node.fail('expected indices and data of one batch');
  const strides = stridesOf(shape);
  const count = spend(node, own.slice(0, -1));
  const perBatch = sizeOf(own.slice(batch, -1));
  const batchStride = sizeOf(shape.slice(batch));
  const offsets = Array.from({ length: count }, (_, row) => {
    let offset = Math.floor(row / perBatch) * batchStride;
    for (let k = 0; k < depth; k++) {
      const axis = batch + k;
      offset += checked(node, data[row * depth + k]!, dimOf(shape, axis)) * strides[axis]!;
    }
    return offset;
  });
  return { offsets, run: shape.slice(batch + depth) };
}

function integers(node: NodeReader, i: number): HostTensor {
  const tensor = node.host(i);
  if (tensor.kind === 'int') return tensor;
  throw node.fail(`expected input ${i} as integers, got ${tensor.kind}`);
}

function wrap(index: number, size: number): number {
  return index < 0 ? index + size : index;
}

function checked(node: NodeReader, index: number, size: number): number {
  const at = wrap(index, size);
  if (at >= 0 && at < size) return at;
  throw node.fail(`expected indices from ${-size} to ${size - 1}, got ${index}`);
}
