// Chains of two to six elementwise ops and rearrangements: what a backend fuses, and the layouts that it carries from one op
// to the next.
import type { Emitters, Shape, TensorOf, Value } from '@isonet/core';
import { defined, dimOf, shapeText, sizeOf } from '@isonet/core';
import { array, constantFrom, integer, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import type { Drawn } from './drawn.ts';

/** Of values, of gradients, and of the products of both: well below 2^24. */
const LARGEST = 2 ** 20;
/** Of one tensor. */
const MOST_VALUES = 600;
/** Of the loss's weights (data.ts). */
const FIRST_GRADIENT = 3;

/** One op on a value; `y` holds whole numbers in -2..2 in the value's shape. */
type Apply = (op: Emitters, value: Value, y: Value) => Value;

interface Step {
  readonly text: string;
  readonly apply: Apply;
  /** Where it differs from what came in. */
  readonly shape?: Shape;
  /** The largest magnitude that comes out of it; by default, what came in. */
  readonly size?: number;
  /** By how much it may multiply a gradient on the way back, by default 1. */
  readonly gain?: number;
  /** Default false. */
  readonly readsY?: boolean;
}

/** The step that an op is for a value of this shape and size, or undefined. */
type Kind = (shape: Shape, size: number, axis: number) => Step | undefined;

const kinds = {
  add: (_, size) => ({ text: 'add', readsY: true, size: size + 2, apply: (op, x, y) => op.add(x, y) }),
  sub: (_, size) => ({ text: 'sub', readsY: true, size: size + 2, apply: (op, x, y) => op.sub(y, x) }),
  mul: (_, size) => ({
    text: 'mul',
    readsY: true,
    size: size * 2,
    gain: 2,
    apply: (op, x, y) => op.mul(x, y),
  }),
  max: (_, size) => ({
    text: 'max',
    readsY: true,
    size: Math.max(size, 2),
    apply: (op, x, y) => op.max(x, y),
  }),
  min: (_, size) => ({
    text: 'min',
    readsY: true,
    size: Math.max(size, 2),
    apply: (op, x, y) => op.min(y, x),
  }),
  relu: () => ({ text: 'relu', apply: (op, x) => op.relu(x) }),
  select: (_, size) => ({
    text: 'select',
    readsY: true,
    size: Math.max(size, 2),
    apply: (op, x, y) => op.select(op.greater(y, x), x, y),
  }),
  double: (_, size) => ({ text: 'double', size: size * 2, gain: 2, apply: (op, x) => op.add(x, x) }),
  square: (_, size) => ({
    text: 'square',
    size: size ** 2,
    gain: 2 * size,
    apply: (op, x) => op.mul(x, x),
  }),
  transpose: (shape, _, axis) => {
    const axes = [...shape.keys()];
    const permutation = [...axes.slice(axis), ...axes.slice(0, axis)];
    return {
      text: `transpose ${shapeText(permutation)}`,
      shape: permutation.map((from) => dimOf(shape, from)),
      apply: (op, x) => op.transpose(x, { permutation }),
    };
  },
  /** The axes up to this one become one, and so do those behind it. */
  reshape: (shape, _, axis) => {
    const to = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
    return {
      text: `reshape ${shapeText(to)}`,
      shape: to,
      apply: (op, x) => op.reshape(x, { shape: to }),
    };
  },
  slice: (shape, _, axis) => {
    if (dimOf(shape, axis) < 2) return undefined;
    const starts = shape.map((__, i) => Number(i === axis));
    const sizes = shape.map((dim, i) => dim - Number(i === axis));
    return { text: `slice ${axis}`, shape: sizes, apply: (op, x) => op.slice(x, { starts, sizes }) };
  },
  pad: (shape, size, axis) => {
    const before = shape.map((_, i) => Number(i === axis));
    const after = before.map((one) => one * 2);
    return {
      text: `pad ${axis}`,
      shape: shape.map((dim, i) => (i === axis ? dim + 3 : dim)),
      size: Math.max(size, 1),
      apply: (op, x) => op.pad(x, { before, after, value: -1 }),
    };
  },
  concat: (shape, size, axis) => ({
    text: `concat ${axis}`,
    readsY: true,
    shape: shape.map((dim, i) => (i === axis ? dim * 2 : dim)),
    size: Math.max(size, 2),
    apply: (op, x, y) => op.concat(x, y, { axis }),
  }),
  /** Three times, along a new first axis. */
  broadcast: (shape) => ({
    text: 'broadcast',
    shape: [3, ...shape],
    gain: 3,
    apply: (op, x) => op.broadcast(op.reshape(x, { shape: [1, ...shape] }), { shape: [3, ...shape] }),
  }),
  reduceSum: (shape, size, axis) => ({
    text: `reduceSum ${axis}`,
    shape: shape.map((dim, i) => (i === axis ? 1 : dim)),
    size: size * dimOf(shape, axis),
    apply: (op, x) => op.reduceSum(x, { axes: [axis] }),
  }),
} satisfies Readonly<Record<string, Kind>>;

type KindName = keyof typeof kinds;
// Object.keys forgets which names there are.
const names = Object.keys(kinds) as KindName[];

interface Link extends Required<Step> {
  /** The shape of what comes in. */
  readonly from: Shape;
}
type Draws = readonly { readonly kind: KindName; readonly at: number }[];

/** The links of a chain that begins with whole numbers in -4..4. What would grow too large becomes a ReLU. */
function linked(first: Shape, draws: Draws): readonly Link[] {
  const links: Link[] = [];
  let [shape, size] = [first, 4];
  for (const { kind, at } of draws) {
    const whole = (step: Step): Link => ({ from: shape, shape, size, gain: 1, readsY: false, ...step });
    const make: Kind = kinds[kind];
    const step = make(shape, size, at % shape.length);
    const drawn = step && whole(step);
    const link = drawn && isBounded([...links, drawn]) ? drawn : whole(kinds.relu());
    links.push(link);
    ({ shape, size } = link);
  }
  return links;
}

function isBounded(links: readonly Link[]): boolean {
  const size = Math.max(...links.map((link) => link.size));
  const gradient = links.reduce((product, { gain }) => product * gain, FIRST_GRADIENT);
  return (
    size * gradient <= LARGEST &&
    links.every(({ shape }) => shape.length <= 5 && sizeOf(shape) <= MOST_VALUES)
  );
}

export const chains: Arbitrary<Drawn> = record({
  shape: array(integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  draws: array(record({ kind: constantFrom(...names), at: integer({ min: 0, max: 4 }) }), {
    minLength: 2,
    maxLength: 6,
  }),
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
    text: `x ${shapeText(shape)}, ${links.map((link) => link.text).join(', ')}`,
  };
});
