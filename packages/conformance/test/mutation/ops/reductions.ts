// Mutants of reductions.
import type { OpName, Tensor } from '@isonet/core';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { inFormat, mutant, withOperand } from '../mutant.ts';
import { hasOneValue, isZero, valued, withoutLast } from '../tensors.ts';

const droppedTerm: Mutant<'reduceSum'> = mutant('a dropped term', ({ node, operands, right }) => {
  const [axis] = node.attrs.axes;
  if (axis === undefined) return 'nothing is summed';
  return right({ operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) });
});

const noAxesForAll: Mutant<'reduceSum'> = mutant('no axes taken for all axes', ({ node, operands: [x] }) => {
  if (node.attrs.axes.length > 0) return 'there are axes';
  if (x.data.length === 1) return 'x has one element';
  const sum = Array.from<number>(x.data).reduce((total, value) => total + value, 0);
  return [valued(x, () => sum)];
});

const minimum: Mutant<'reduceMax'> = mutant(
  'the minimum',
  ({ operands, right }) => {
    const negated = withOperand(operands, 0, (x) => valued(x, (value) => -value));
    return right({ operands: negated }).map((y) => valued(y, (value) => -value));
  },
  ({ operands: [x], right }) =>
    x.data.length === right()[0].data.length || hasOneValue(x)
      ? 'there is nothing to choose from'
      : undefined,
);

/** Omits the last value of the last tensor. */
const droppedSquare: Mutant<'globalNorm'> = mutant(
  'a dropped term',
  ({ operands, right }) => {
    const drop = (x: Tensor): Tensor => valued(x, (value, i) => (i === x.data.length - 1 ? 0 : value));
    return right({ operands: withOperand(operands, operands.length - 1, drop) });
  },
  ({ right }) => (isZero(right()[0]) ? 'every term is 0' : undefined),
);

/** NaN if the sum is 0. */
const rootByReciprocal: Mutant<'globalNorm'> = mutant('x times 1 / sqrt(x) as the root', ({ right }) => {
  const [y] = right();
  return isZero(y) ? [valued(y, () => NaN)] : 'the norm is not 0';
});

/** The position of an element among the inputs of allFinite. */
interface ElementPosition {
  readonly input: number;
  readonly inputs: number;
  readonly index: number;
  readonly size: number;
}

/** Skips some elements, or treats them as finite. */
function blind(
  name: string,
  sees: (value: number, position: ElementPosition) => boolean,
): Mutant<'allFinite'> {
  return mutant(name, ({ operands, right }) => {
    const inputs = operands.length;
    const changed = operands.map((x: Tensor, input) =>
      valued(x, (value, index) => (sees(value, { input, inputs, index, size: x.data.length }) ? value : 0)),
    );
    const isFinite = changed.every(({ data }) => data.every(Number.isFinite));
    return isFinite === (right()[0].data[0] === 1)
      ? 'the other elements decide'
      : right({ operands: changed });
  });
}

/** Decides from a float32 sum of other terms. */
function bySum(
  name: string,
  term: (value: number) => number,
  decide: (sum: number) => boolean,
): Mutant<'allFinite'> {
  return mutant(name, ({ operands, right }) => {
    const [y] = right();
    const isFinite = decide(float32Sum(operands, term));
    return isFinite === (y.data[0] === 1)
      ? 'that sum gives the same answer'
      : [valued(y, () => Number(isFinite))];
  });
}

function float32Sum(operands: Work<'allFinite'>['operands'], term: (value: number) => number): number {
  let sum = 0;
  for (const { data } of operands) for (const value of data) sum = Math.fround(sum + term(value));
  return sum;
}

export const reductions = {
  allFinite: [
    blind('the first element is not read', (_, { index }) => index > 0),
    blind('the last element is not read', (_, { index, size }) => index < size - 1),
    blind(
      'only the first and the last element are read',
      (_, { index, size }) => index === 0 || index === size - 1,
    ),
    blind('the first input is not read', (_, { input }) => input > 0),
    blind('the last input is not read', (_, { input, inputs }) => input < inputs - 1),
    blind(
      'only the first and the last input are read',
      (_, { input, inputs }) => input === 0 || input === inputs - 1,
    ),
    blind('NaN passes', (value) => !Number.isNaN(value)),
    blind('infinity passes', (value) => value !== Infinity),
    blind('minus infinity passes', (value) => value !== -Infinity),
    bySum(
      'a sum that is NaN passes',
      (value) => value * 2 ** -80,
      (sum) => Math.abs(sum) !== Infinity,
    ),
    bySum('the sum is not scaled', (value) => value, Number.isFinite),
    bySum('the sum of squares', (value) => value * value, Number.isFinite),
  ],
  globalNorm: [droppedSquare, rootByReciprocal],
  reduceMax: [minimum],
  reduceSum: [droppedTerm, inFormat('bf16'), noAxesForAll],
} satisfies Partial<Mutants<OpName>>;
