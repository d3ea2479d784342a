// Graphs for tests: a small network with many kinds of layers, and random graphs that reuse values in many ways, with aliases,
// broadcasts, several outputs and updates from other state entries.
import type { Graph, Model, Shape, Tensors, Value } from '@isonet/core';
import {
  conv2d,
  dropout,
  flatten,
  float32,
  globalAvgPool2d,
  GraphBuilder,
  maxPool2d,
  sequential,
  sizeOf,
  threefry2x32,
} from '@isonet/core';

/** `images: [N, 1, 12, 12] -> logits: [N, 4]` */
export const network: Model = {
  name: 'network',
  input: { name: 'images', shape: [1, 12, 12] },
  output: { name: 'logits', shape: [4] },
  layer: sequential({
    c1: conv2d(6, { kernel: 3, activation: 'relu' }),
    c2: conv2d(9, { kernel: 1, activation: 'relu' }),
    pool: maxPool2d({ kernel: 3, stride: 2 }),
    dropout: dropout(0.5),
    c3: conv2d(4, { kernel: 3, stride: 2, padding: 1 }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};

/** Returns a function that draws integers in [0, n). A seed yields the same integers on every machine. */
function randomInts(seed: number): (n: number) => number {
  let count = 0;
  return (n) => threefry2x32(seed, 0, count++, 0)[0] % n;
}

const SHAPES: readonly Shape[] = [
  [2, 3, 4, 4],
  [2, 48],
  [96],
  [2, 3, 1, 1],
  [2, 3],
  [1, 1],
  [],
  [4, 3, 5, 5],
];

export interface RandomGraph {
  readonly graph: Graph;
  readonly feeds: Tensors;
  readonly state: Tensors;
}

/**
 * Builds a random graph of 30 values on inputs, state and constants. Most values need several nodes.
 * @param outputs `some`: the outputs are some of the values; `all`: the same values, followed by all values
 */
export function randomGraph(seed: number, outputs: 'some' | 'all' = 'some'): RandomGraph {
  const pick = randomInts(seed);
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const tensor = (shape: Shape): Tensors[string] =>
    float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => pick(5) - 2),
    );
  const named = (letter: string): Tensors =>
    Object.fromEntries(SHAPES.map((shape, i) => [`${letter}${i}`, tensor(shape)]));
  const feeds = named('x');
  const state = { ...named('v'), ...named('w') };

  const b = new GraphBuilder(`random ${seed}`);
  const entries = Object.entries(state).map(([name, type]) => [name, b.state(name, type)] as const);
  const values = [
    ...Object.entries(feeds).map(([name, type]) => b.input(name, type)),
    ...entries.map(([, value]) => value),
    b.scalar(3),
    b.constant(tensor([2, 48])),
  ];
  const like = (x: Value): Value => one(values.filter((y) => y.shape.join() === x.shape.join()));
  const single = (): Value => one(values.filter((y) => sizeOf(y.shape) === 1));
  const makers: readonly ((x: Value) => Value)[] = [
    (x) => b.op.add(x, like(x)),
    (x) => b.op.mul(x, like(x)),
    (x) => b.op.max(b.fill(pick(3), x.shape), like(x)),
    (x) => b.op.select(b.op.greater(x, like(x)), b.op.stopGradient(x), b.fill(1, x.shape)),
    (x) => b.op.relu(x),
    (x) =>
      b.op.reshape(x, {
        shape: one([[sizeOf(x.shape)], ...SHAPES.filter((s) => sizeOf(s) === sizeOf(x.shape))]),
      }),
    (x) => b.op.reduceSum(x, { axes: x.shape.map((_, axis) => axis).filter(() => pick(2) === 0) }),
    (x) => b.op.broadcast(b.op.reduceMax(x, { axes: x.shape.map((_, axis) => axis) }), { shape: x.shape }),
    (x) => b.op.broadcast(b.op.reshape(single(), { shape: [] }), { shape: x.shape }),
    (x) => {
      const line = b.op.reshape(x, { shape: [sizeOf(x.shape)] });
      const three = b.op.concat(line, b.op.reshape(like(x), { shape: line.shape }), line, { axis: 0 });
      return b.op.reshape(b.op.slice(three, { starts: [1 + pick(2)], sizes: line.shape }), {
        shape: x.shape,
      });
    },
    (x) => {
      const zeros = x.shape.map(() => 0);
      const padded = b.op.pad(x, { before: x.shape.map(() => pick(3)), after: zeros, value: 2 });
      return b.op.slice(padded, { starts: zeros, sizes: x.shape });
    },
    (x) => {
      const permutation = x.shape.map((_, axis) => axis).toReversed();
      return b.op.reshape(b.op.transpose(x, { permutation }), { shape: x.shape });
    },
  ];
  const bounded = (x: Value): Value =>
    b.op.select(b.op.greater(x, b.fill(8, x.shape)), b.fill(1, x.shape), b.op.max(x, b.fill(-8, x.shape)));
  const given = values.length;
  for (let i = 0; i < 30; i++) {
    const made = one(makers)(one(values));
    values.push(pick(3) === 0 ? made : bounded(made));
  }
  for (let i = 0; i < 5; i++) b.output(`y${i}`, one(values));
  for (const [name, value] of entries) if (pick(2) === 0) b.update(name, like(value));
  if (outputs === 'all') values.slice(given).forEach((value, i) => b.output(`all${i}`, value));
  return { graph: b.build(), feeds, state };
}
