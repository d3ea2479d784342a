// allFinite: a single NaN or infinity in every kind of position, and finite values whose sums or squares overflow. The cases are
// 'bounded' because the decomposition rounds its sums; the results are bools, which have no bound and must match exactly.
import { float32, type Shape, type TensorOf } from '@isonet/core';
import { type Case, casesFor, forwardOnly, kinked } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

const LARGEST = 3.4e38;

/** Returns real numbers, except for `value` at one index. */
function withOne(value: number, index: number, shape: Shape): TensorOf<'float32'> {
  return float32(shape, reals('x', shape).data.with(index, value));
}

export const cases: readonly Case[] = casesFor('allFinite', ({ bounded }) => [
  // The value is first, in the middle or last, and in the only input or in one of several.
  ...Object.entries({ nan: NaN, infinity: Infinity, 'minus-infinity': -Infinity }).map(([name, value]) =>
    bounded(
      `${name}-anywhere`,
      {
        good: reals('good', [2, 3]),
        first: withOne(value, 0, [3, 5, 7]),
        middle: withOne(value, 52, [3, 5, 7]),
        last: withOne(value, 104, [3, 5, 7]),
        alone: float32([], [value]),
      },
      (op, { good, first, middle, last, alone }) => [
        ...[first, middle, last, alone].map((bad) => op.allFinite(bad)),
        op.allFinite(first, good, good),
        op.allFinite(good, alone, good),
        op.allFinite(good, good, last),
        op.allFinite(good),
      ],
    ),
  ),
  bounded('several-shapes', { x: reals('x', [4, 3, 2, 2]), y: reals('y', [7]), z: reals('z', []) }),
  bounded('scalar', { x: float32([], [-5]) }),
  bounded('one-value-twice', { x: reals('x', [9]) }, (op, { x }) => op.allFinite(x, x)),
  bounded(
    'opposite-infinities',
    {
      both: float32([4], [Infinity, 1, -Infinity, 2]),
      plus: float32([2], [Infinity, 1]),
      minus: float32([1, 2], [0, -Infinity]),
    },
    (op, { both, plus, minus }) => [op.allFinite(both), op.allFinite(plus, minus)],
  ),
  // Without scaling, the sum of these values overflows, and so does the square of each.
  bounded(
    'thousands-of-the-largest',
    { x: flat([5, 31, 33], LARGEST), y: flat([4099], -LARGEST) },
    (op, { x, y }) => [op.allFinite(x), op.allFinite(y), op.allFinite(x, x), op.allFinite(x, y)],
  ),
  bounded('one-infinity-among-the-largest', {
    x: float32([4099], flat([4099], LARGEST).data.with(4098, -Infinity)),
  }),
  bounded(
    'zeros-and-subnormals',
    { zeros: float32([3], [0, -0, 0]), x: float32([5], [1e-45, -1e-45, 1e-40, 0, -1.1e-38]) },
    (op, { zeros, x }) => [op.allFinite(zeros), op.allFinite(x), op.allFinite(zeros, x)],
  ),
  // A value computed from an input may keep the input's infinity (a sum, a product) or lose it (a quotient), so
  // checking that value does not replace checking the input.
  bounded(
    'beside-its-own-consumers',
    { good: reals('good', [2, 3], 1, 2), bad: float32([2, 3], [1, Infinity, 1, 2, 1, 2]) },
    (op, { good, bad }) =>
      [good, bad].flatMap((x) => [
        op.allFinite(x, op.mul(op.add(x, good), good)),
        op.allFinite(x, op.div(good, x)),
        op.allFinite(op.mul(x, good), op.div(good, op.mul(x, good)), good),
        op.allFinite(x, op.exp(op.sub(good, x))),
        op.allFinite(x, op.max(op.sub(good, x), good)),
      ]),
    forwardOnly,
  ),
  // The gate around the state in a training step. The condition has no gradient, and a rejected NaN contributes none.
  bounded(
    'as-a-gate',
    { good: reals('good', [2, 3]), bad: withOne(NaN, 1, [2, 3]) },
    (op, { good, bad }) =>
      [good, bad].map((x) => {
        const isGood = op.broadcast(op.allFinite(x), { shape: x.shape });
        return op.select(isGood, x, op.mul(good, good));
      }),
    kinked,
  ),
]);
