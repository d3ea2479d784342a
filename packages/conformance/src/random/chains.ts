// Random chains of two to six elementwise ops and rearrangements. They test the fusions of a backend, and the layouts that it
// carries from one op to the next.
import type { Emitters, Shape, TensorOf, Value } from '@isonet/core';
import { defined, dimOf, shapeText, sizeOf } from '@isonet/core';
import { type Arbitrary, array, constantFrom, record } from 'fast-check';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { upTo } from './arrays.ts';
import type { Drawn } from './drawn.ts';

/** The largest magnitude of a value, a gradient, or their product: well below 2^24, so all of them are exact. */
const LARGEST = 2 ** 20;
/** The maximum number of elements in a tensor. */
const MAX_ELEMENTS = 600;
/** The largest weight of the loss (data.ts). */
const FIRST_GRADIENT = 3;

/** Applies one op to a value. `y` has the value's shape and holds integers in -2..2. */
type Apply = (op: Emitters, value: Value, y: Value) => Value;

interface Step {
  /** The text that follows the name of the step in the description of a chain. */
  readonly detail?: string;
  readonly apply: Apply;
  /** The shape of the result, by default that of the input. */
  readonly shape?: Shape;
  /** The largest magnitude in the result, by default that of the input. */
  readonly size?: number;
  /** The largest factor by which the step multiplies a gradient, by default 1. */
  readonly gain?: number;
  /** Whether the step reads `y`, by default false. */
  readonly readsY?: boolean;
}

/** Returns the step for a value of this shape and magnitude, or undefined if the kind does not apply to it. */
type Kind = (shape: Shape, size: number, axis: number) => Step | undefined;

const kinds = {
  add: (_, size) => ({ readsY: true, size: size + 2, apply: (op, x, y) => op.add(x, y) }),
  sub: (_, size) => ({ readsY: true, size: size + 2, apply: (op, x, y) => op.sub(y, x) }),
  mul: (_, size) => ({ readsY: true, size: size * 2, gain: 2, apply: (op, x, y) => op.mul(x, y) }),
  max: (_, size) => ({ readsY: true, size: Math.max(size, 2), apply: (op, x, y) => op.max(x, y) }),
  min: (_, size) => ({ readsY: true, size: Math.max(size, 2), apply: (op, x, y) => op.min(y, x) }),
  relu: () => ({ apply: (op, x) => op.relu(x) }),
  select: (_, size) => ({
    readsY: true,
    size: Math.max(size, 2),
    apply: (op, x, y) => op.select(op.greater(y, x), x, y),
  }),
  double: (_, size) => ({ size: size * 2, gain: 2, apply: (op, x) => op.add(x, x) }),
  square: (_, size) => ({ size: size ** 2, gain: 2 * size, apply: (op, x) => op.mul(x, x) }),
  transpose: (shape, _, axis) => {
    const axes = [...shape.keys()];
    const permutation = [...axes.slice(axis), ...axes.slice(0, axis)];
    return {
      detail: shapeText(permutation),
      shape: permutation.map((from) => dimOf(shape, from)),
      apply: (op, x) => op.transpose(x, { permutation }),
    };
  },
  /** Merges all axes before this one into one axis, and all others into a second one. */
  reshape: (shape, _, axis) => {
    const to = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
    return { detail: shapeText(to), shape: to, apply: (op, x) => op.reshape(x, { shape: to }) };
  },
  slice: (shape, _, axis) => {
    if (dimOf(shape, axis) < 2) return undefined;
    const starts = shape.map((__, i) => Number(i === axis));
    const sizes = shape.map((dim, i) => dim - Number(i === axis));
    return { detail: `${axis}`, shape: sizes, apply: (op, x) => op.slice(x, { starts, sizes }) };
  },
  pad: (shape, size, axis) => {
    const before = shape.map((_, i) => Number(i === axis));
    const after = before.map((one) => one * 2);
    return {
      detail: `${axis}`,
      shape: shape.with(axis, dimOf(shape, axis) + 3),
      size: Math.max(size, 1),
      apply: (op, x) => op.pad(x, { before, after, value: -1 }),
    };
  },
  concat: (shape, size, axis) => ({
    detail: `${axis}`,
    readsY: true,
    shape: shape.with(axis, dimOf(shape, axis) * 2),
    size: Math.max(size, 2),
    apply: (op, x, y) => op.concat(x, y, { axis }),
  }),
  /** Repeats the value three times along a new first axis. */
  broadcast: (shape) => ({
    shape: [3, ...shape],
    gain: 3,
    apply: (op, x) => op.broadcast(op.reshape(x, { shape: [1, ...shape] }), { shape: [3, ...shape] }),
  }),
  reduceSum: (shape, size, axis) => ({
    detail: `${axis}`,
    shape: shape.with(axis, 1),
    size: size * dimOf(shape, axis),
    apply: (op, x) => op.reduceSum(x, { axes: [axis] }),
  }),
} satisfies Readonly<Record<string, Kind>>;

type KindName = keyof typeof kinds;
// The type of Object.keys loses the names.
const names = Object.keys(kinds) as KindName[];

interface Link extends Required<Omit<Step, 'detail'>> {
  readonly text: string;
  /** The shape of the input. */
  readonly from: Shape;
}
type Draws = readonly { readonly kind: KindName; readonly at: number }[];

/**
 * Returns the links of a chain on integers in -4..4. A step that does not apply, or whose values would grow too
 * large, becomes a ReLU.
 */
function linked(first: Shape, draws: Draws): readonly Link[] {
  const links: Link[] = [];
  let [shape, size] = [first, 4];
  for (const { kind, at } of draws) {
    const link = (name: string, { detail, ...step }: Step): Link => {
      const text = detail === undefined ? name : `${name} ${detail}`;
      return { text, from: shape, shape, size, gain: 1, readsY: false, ...step };
    };
    const make: Kind = kinds[kind];
    const step = make(shape, size, at % shape.length);
    const drawn = step && link(kind, step);
    const next = drawn && isBounded([...links, drawn]) ? drawn : link('relu', kinds.relu());
    links.push(next);
    ({ shape, size } = next);
  }
  return links;
}

function isBounded(links: readonly Link[]): boolean {
  const size = Math.max(...links.map((link) => link.size));
  const gradient = links.reduce((product, { gain }) => product * gain, FIRST_GRADIENT);
  const isSmall = links.every(({ shape }) => shape.length <= 5 && sizeOf(shape) <= MAX_ELEMENTS);
  return size * gradient <= LARGEST && isSmall;
}

export const chains: Arbitrary<Drawn> = record({
  shape: array(upTo(4, 1), { minLength: 1, maxLength: 4 }),
  draws: array(record({ kind: constantFrom(...names), at: upTo(4) }), { minLength: 2, maxLength: 6 }),
}).map(({ shape, draws }) => {
  const links = linked(shape, draws);
  const operands = links.flatMap(({ readsY, from }, i): (readonly [string, TensorOf<'float32'>])[] =>
    readsY ? [[`y${i}`, integers(`y${i}`, from, -2, 2)]] : [],
  );
  const feeds: Record<'x' | `y${number}`, TensorOf<'float32'>> = {
    x: integers('x', shape),
    ...Object.fromEntries(operands),
  };
  return {
    test: exact(
      'combination/random',
      feeds,
      (op, values) =>
        links.reduce(
          (value, { apply, readsY }, i) =>
            apply(op, value, readsY ? defined(values[`y${i}`], `y${i}`) : value),
          values.x,
        ),
      { kinked: true },
    ),
    text: `x ${shapeText(shape)}, ${links.map(({ text }) => text).join(', ')}`,
  };
});
