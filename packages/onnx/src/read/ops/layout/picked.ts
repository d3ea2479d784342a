// Picks entries along an axis by known indices, with slices and copies where possible and a gather otherwise.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { hostPicked } from '../../host/layout.ts';
import { intVector } from '../../hostTensor.ts';
import type { NodeReader } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { shapeOf } from '../../operand.ts';
import { broadcastTo } from '../broadcasting.ts';
import { isTrue, truth } from '../truth.ts';
import { blockAlong, moved } from './moved.ts';

/** The maximum number of pieces to slice out one by one. */
const MAX_RUNS = 64;

/** Picks the entries at `indices` along an axis, each in [0, D): `x: [.., D, ..] -> [.., n, ..]`. */
export function pickedAlong(node: NodeReader, x: Operand, axis: number, indices: readonly number[]): Operand {
  const size = dimOf(shapeOf(x), axis);
  const outside = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
  if (outside !== undefined) {
    throw node.fail(`expected indices from 0 to ${size - 1} along axis ${axis}, got ${outside}`);
  }
  if (indices.length === size && indices.every((from, to) => from === to)) return x;
  if (indices.length === 0) return blockAlong(node, x, axis, 0, 0);
  return moved(
    x,
    (tensor) => hostPicked(node, tensor, axis, indices),
    (value) => onGraph(node, value, axis, indices),
  );
}

function onGraph(node: NodeReader, x: Value, axis: number, indices: readonly number[]): Value {
  const { op } = node;
  const [before, size, after] = aroundOf(x, axis);
  const shape = x.shape.with(axis, indices.length);
  const [first, second] = indices;
  const step = first !== undefined && second !== undefined ? second - first : 1;
  if (first !== undefined && step > 1 && indices.every((index, i) => index === first + i * step)) {
    return op.reshape(
      everyNth(node, op.reshape(x, { shape: [before, size, after] }), first, step, indices.length),
      {
        shape,
      },
    );
  }
  const times = indices.length / size;
  if (Number.isInteger(times) && indices.every((index, i) => index === Math.floor(i / times))) {
    const single = op.reshape(x, { shape: [before * size, 1, after] });
    return op.reshape(op.broadcast(single, { shape: [before * size, times, after] }), { shape });
  }
  const runs = runsOf(indices);
  if (runs) {
    const parts = runs.map((run) => cut(node, x, axis, run));
    const [only] = parts;
    return only && parts.length === 1 ? only : op.concat(...parts, { axis });
  }
  return gathered(node, x, axis, node.constant(intVector(indices)));
}

/** Gathers the entries of floats or bools at indices `int32 [n]`. An index outside the axis yields 0. */
export function gathered(node: NodeReader, x: Value, axis: number, indices: Value): Value {
  const { op } = node;
  if (x.dtype === 'float32') return op.gather(x, indices, { axis });
  if (x.dtype === 'bool') return isTrue(node, op.gather(truth(node, x), indices, { axis }));
  throw node.fail('integers computed by the network can be picked in at most 64 pieces');
}

/** Returns the number of values before, along, and after an axis. */
function aroundOf({ shape }: Value, axis: number): readonly [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), dimOf(shape, axis), sizeOf(shape.slice(axis + 1))];
}

/** Picks entries `first`, `first + step` and so on of the middle axis. `x: [b, D, a] -> [b, count, 1, a]` */
function everyNth({ op }: NodeReader, x: Value, first: number, step: number, count: number): Value {
  const [before, size, after] = [dimOf(x.shape, 0), dimOf(x.shape, 1), dimOf(x.shape, 2)];
  const length = Math.min(count * step, size - first);
  const part = op.slice(x, { starts: [0, first, 0], sizes: [before, length, after] });
  const missing = count * step - length;
  // Unused entries complete the last step. They are copies of earlier entries, because not every dtype can be padded.
  const full =
    missing === 0
      ? part
      : op.concat(part, op.slice(x, { starts: [0, size - missing, 0], sizes: [before, missing, after] }), {
          axis: 1,
        });
  const groups = op.reshape(full, { shape: [before, count, step, after] });
  return op.slice(groups, { starts: [0, 0, 0, 0], sizes: [before, count, 1, after] });
}

/** Consecutive entries, or one entry several times. */
interface Run {
  readonly start: number;
  readonly count: number;
  readonly step: 0 | 1;
}

/** Splits indices into runs; undefined if there are too many. */
function runsOf(indices: readonly number[]): readonly Run[] | undefined {
  const runs: Run[] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    const step = last && stepTo(last, index);
    if (last && step !== undefined) runs.splice(-1, 1, { ...last, count: last.count + 1, step });
    else if (runs.length === MAX_RUNS) return undefined;
    else runs.push({ start: index, count: 1, step: 1 });
  }
  return runs;
}

/** Returns the step that extends a run to an index; undefined if it cannot be extended. */
function stepTo({ start, count, step }: Run, index: number): Run['step'] | undefined {
  if (count === 1) return index === start ? 0 : index === start + 1 ? 1 : undefined;
  return index === start + count * step ? step : undefined;
}

function cut(node: NodeReader, x: Value, axis: number, { start, count, step }: Run): Value {
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  const part = node.op.slice(x, { starts, sizes: x.shape.with(axis, step === 0 ? 1 : count) });
  return step === 0 ? broadcastTo(node, part, x.shape.with(axis, count)) : part;
}
