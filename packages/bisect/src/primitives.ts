// The primitives and what rounding does in them, one line each: a new one does not compile until it is listed.
import type { Graph, Kernel, Node, Pair, PrimitiveOp, Shape, ValueId } from '@isonet/core';
import { dimOf, kernelFor, shape2, shape4, sizeOf, typeOf } from '@isonet/core';

/** One unit in the last place of 1, as float32. */
export const UNIT: number = 2 ** -23;

/** What one application of a primitive does to its result. */
export interface Rounding {
  /** Its own error relative to the result, in {@link UNIT}; 0 for what only copies, chooses or compares. */
  readonly units: number;
  /** Its own error in absolute terms: where the result is near 0, nothing relative holds for some functions. */
  readonly floor: number;
  /** The input whose terms it sums: each term is off by as many units, for where the terms cancel their errors do not. */
  readonly summed: ValueId | undefined;
  /** Inputs on which it decides: a comparison that rounding turns, a maximum that it moves. */
  readonly decides: readonly ValueId[];
}

interface Operand {
  readonly id: ValueId;
  readonly shape: Shape;
}

interface RoundingTypes {
  readonly input: Operand;
  readonly output: Operand;
  readonly context: undefined;
  readonly result: Rounding;
}

/** The rounding of a node of a graph; undefined for a composite. */
export function roundingOf(graph: Graph, node: Node): Rounding | undefined {
  const operand = (id: ValueId): Operand => ({ id, shape: typeOf(graph, id).shape });
  return kernelFor(roundings, node)?.(operand, operand, undefined);
}

// The absolute bounds of @isonet/conformance's tolerance.ts, rounded up to a power of two.
const roundings: { readonly [K in PrimitiveOp]: Kernel<K, RoundingTypes> } = {
  add: () => rounded(1),
  sub: () => rounded(1),
  mul: () => rounded(1),
  div: () => rounded(3),
  exp: () => rounded(8),
  log: () => rounded(6, 2 ** -21),
  sqrt: () => rounded(5),
  tanh: () => rounded(1, 2 ** -20),
  erf: () => rounded(1, 2 ** -20),

  max: () => exact(),
  min: () => exact(),
  greater: (_, { inputs }) => exact(...inputs),
  equal: (_, { inputs }) => exact(...inputs),
  isFinite: () => exact(),
  cast: (_, { inputs }) => exact(...inputs),
  select: () => exact(),
  stopGradient: () => exact(),
  randomUniform: () => exact(),

  broadcast: () => exact(),
  reshape: () => exact(),
  transpose: () => exact(),
  concat: () => exact(),
  slice: () => exact(),
  pad: () => exact(),
  oneHot: () => exact(),
  reduceMax: () => exact(),
  argMax: (_, { inputs }) => exact(...inputs),

  reduceSum: ({ attrs }, { inputs: [x] }) =>
    summed(x, sizeOf(attrs.axes.map((axis) => dimOf(x.shape, axis)))),
  matMul: ({ attrs }, { inputs: [x] }) => summed(x, shape2(x.shape)[attrs.transposeA ? 0 : 1]),
  conv2d: (_, { inputs: [x, w] }) => summed(x, sizeOf(w.shape.slice(1))),
  conv2dGradInput: ({ attrs }, { inputs: [dy, w] }) => summed(dy, withoutChannels(w) / attrs.groups),
  conv2dGradFilter: (_, { inputs: [x, dy] }) => summed(x, withoutChannels(dy)),
  avgPool2d: ({ attrs }, { inputs: [x] }) => pooled(x, attrs.kernel),
  avgPool2dGrad: ({ attrs }, { inputs: [dy] }) => pooled(dy, attrs.kernel),
  maxPool2d: () => exact(),
  maxPool2dGather: (_, { inputs: [x, y] }) => exact(x, y),
  maxPool2dGrad: ({ attrs }, { inputs: [x, y, dy] }) => pooled(dy, attrs.kernel, x, y),
};

/** A copy, a choice or a comparison. */
function exact(...decides: readonly Operand[]): Rounding {
  return { units: 0, floor: 0, summed: undefined, decides: decides.map(({ id }) => id) };
}

function rounded(units: number, floor = 0): Rounding {
  return { units, floor, summed: undefined, decides: [] };
}

/**
 * A sum of as many terms (products, or values of `x`). Their rounding errors add up like a random walk (Higham and Mary
 * 2019): the sum is off by sqrt(terms) units.
 */
function summed(x: Operand, terms: number, ...decides: readonly Operand[]): Rounding {
  const walk = Math.ceil(Math.sqrt(terms));
  return { units: walk, floor: 0, summed: x.id, decides: decides.map(({ id }) => id) };
}

function pooled(x: Operand, kernel: Pair, ...decides: readonly Operand[]): Rounding {
  return summed(x, sizeOf(kernel), ...decides);
}

/** How many numbers each channel, the second axis, has. */
function withoutChannels({ shape }: Operand): number {
  const [first, , height, width] = shape4(shape);
  return first * height * width;
}
