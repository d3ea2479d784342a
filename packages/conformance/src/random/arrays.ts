// Random products, sums and rearrangements of small integers.
import type { Shape } from '@isonet/core';
import { type Arbitrary, array, boolean, constantFrom, integer, record } from 'fast-check';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { type Drawn, drawnNode, textOf } from './drawn.ts';

export const upTo = (max: number, min = 0): Arbitrary<number> => integer({ min, max });

export const products: Arbitrary<Drawn> = record({
  m: upTo(40, 1),
  k: upTo(70, 1),
  n: upTo(40, 1),
  transposeA: boolean(),
  transposeB: boolean(),
}).map(({ m, k, n, ...attrs }) => {
  const x = integers('x', attrs.transposeA ? [k, m] : [m, k]);
  const y = integers('y', attrs.transposeB ? [n, k] : [k, n]);
  return drawnNode('matMul', { x, y }, attrs);
});

/** Each entry is an axis, so a sum has at most 5^4 terms. */
export const sums: Arbitrary<Drawn> = array(record({ dim: upTo(5, 1), summed: boolean() }), {
  maxLength: 4,
}).map((drawn) => {
  const shape = drawn.map(({ dim }) => dim);
  const axes = drawn.flatMap(({ summed }, axis) => (summed ? [axis] : []));
  return drawnNode('reduceSum', { x: integers('x', shape) }, { axes });
});

/** Sorting the axes by random places yields the permutation. */
export const transposes: Arbitrary<Drawn> = array(record({ dim: upTo(5, 1), place: upTo(9) }), {
  maxLength: 5,
}).map((drawn) => {
  const shape = drawn.map(({ dim }) => dim);
  const axes = drawn.map(({ place }, axis) => ({ place, axis }));
  const permutation = axes.toSorted((a, b) => a.place - b.place).map(({ axis }) => axis);
  return drawnNode('transpose', { x: integers('x', shape) }, { permutation });
});

export const slices: Arbitrary<Drawn> = array(record({ start: upTo(3), size: upTo(4, 1), rest: upTo(3) }), {
  maxLength: 4,
}).map((drawn) => {
  const shape = drawn.map(({ start, size, rest }) => start + size + rest);
  const starts = drawn.map(({ start }) => start);
  const sizes = drawn.map(({ size }) => size);
  return drawnNode('slice', { x: integers('x', shape) }, { starts, sizes });
});

export const pads: Arbitrary<Drawn> = record({
  axes: array(record({ dim: upTo(4, 1), before: upTo(3), after: upTo(3) }), { maxLength: 4 }),
  value: constantFrom(0, 3, -7.5),
}).map(({ axes, value }) => {
  const shape = axes.map(({ dim }) => dim);
  const before = axes.map((axis) => axis.before);
  const after = axes.map((axis) => axis.after);
  return drawnNode('pad', { x: integers('x', shape) }, { before, after, value });
});

/** Two tensors in any order, either of them repeated or left out. */
export const concats: Arbitrary<Drawn> = record({
  others: array(upTo(4, 1), { maxLength: 3 }),
  place: upTo(3),
  sizes: record({ x: upTo(4, 1), y: upTo(4, 1) }),
  order: array(boolean(), { minLength: 1, maxLength: 4 }),
}).map(({ others, place, sizes, order }) => {
  const axis = place % (others.length + 1);
  const shape = (size: number): Shape => others.toSpliced(axis, 0, size);
  const [x, y] = [shape(sizes.x), shape(sizes.y)];
  return {
    test: exact('concat/random', { x: integers('x', x), y: integers('y', y) }, (op, values) =>
      op.concat(...order.map((isX) => (isX ? values.x : values.y)), { axis }),
    ),
    text: `${textOf({ x, y, axis })}, ${order.map((isX) => (isX ? 'x' : 'y')).join(' ')}`,
  };
});

export const broadcasts: Arbitrary<Drawn> = record({
  axes: array(record({ dim: upTo(5, 1), repeated: boolean() }), { maxLength: 4 }),
  scalar: boolean(),
}).map(({ axes, scalar }) => {
  const shape = axes.map(({ dim }) => dim);
  const from = scalar ? [] : axes.map(({ dim, repeated }) => (repeated ? 1 : dim));
  return drawnNode('broadcast', { x: integers('x', from) }, { shape });
});
