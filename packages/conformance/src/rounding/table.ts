// The rounding of each primitive, in one table that every error analysis reads: the bounds of results (bounds.ts),
// the lengths of sums (sums.ts), the margins of decisions (the tests) and the noise that bisect measures. The table
// is total: a new primitive does not compile without an entry.
import type { Graph, Kernel, Node, Pair, PrimitiveOp, TensorType, ValueId } from '@isonet/core';
import { dimOf, kernelFor, shape2, shape4, sizeOf, typeOf } from '@isonet/core';

/** The unit of error: 2^-24, the relative error of one correctly rounded float32 operation. */
export const U: number = 2 ** -24;

/** The rounding of one node. */
export interface Rounding {
  /**
   * The error of a result relative to its magnitude, in U, excluding the error of sums; 0 for ops that copy, choose
   * or compare.
   */
  readonly units: number;
  /** A further relative error in U for every unit of the operand's magnitude. */
  readonly unitsPerMagnitude: number;
  /** The absolute error in U, for functions without relative accuracy near 0. */
  readonly floor: number;
  /** The number of terms in the longest sum that leads to a result; 1 for ops that do not sum. */
  readonly terms: number;
  /** The inputs whose values or products the node sums. */
  readonly sums: readonly number[];
  /** The inputs that decide a comparison or a maximum: rounding may flip the comparison or move the maximum. */
  readonly decides: readonly number[];
}

/** Returns the rounding of a node. @throws Error for a composite, whose rounding is that of its decomposition */
export function roundingOf(graph: Graph, node: Node): Rounding {
  const typeAt = (value: ValueId): TensorType => typeOf(graph, value);
  const entry = kernelFor(table, node);
  if (!entry) throw new Error(`no rounding for the composite ${node.op}: decompose the graph first`);
  return entry(typeAt, typeAt, undefined);
}

interface EntryTypes {
  readonly input: TensorType;
  readonly output: TensorType;
  readonly context: undefined;
  readonly result: Rounding;
}

const NONE: Rounding = { units: 0, unitsPerMagnitude: 0, floor: 0, terms: 1, sums: [], decides: [] };

const copies = (): Rounding => NONE;
const decidesOn =
  (...decides: readonly number[]) =>
  (): Rounding => ({ ...NONE, decides });
const rounds =
  (units: number, more: Pick<Partial<Rounding>, 'unitsPerMagnitude' | 'floor'> = {}) =>
  (): Rounding => ({ ...NONE, units, ...more });

// The comments quote the errors that WGSL allows (section "Accuracy of expressions"), in units in the last place,
// each at most 2 U. CPU libraries are more accurate.
const table: { readonly [K in PrimitiveOp]: Kernel<K, EntryTypes> } = {
  add: rounds(1),
  sub: rounds(1),
  mul: rounds(1),
  // 2.5 units in the last place.
  div: rounds(5),
  // 3 + 2 |x| units in the last place.
  exp: rounds(6, { unitsPerMagnitude: 4 }),
  // 3 units in the last place, or 2^-21.
  log: rounds(6, { floor: 2 ** 3 }),
  // A division (2.5) by inverseSqrt (2).
  sqrt: rounds(9),
  // WGSL allows its own tanh an error of 1e-5, which would accept results with half their digits lost. The formula
  // 1 - 2 / (e^2x + 1), with the exp and the division above, loses 3 + 4 |x| units of e^2x, half a unit in the sum,
  // 2.5 in the quotient and half in the difference: at most 9 U, at x = 0.
  tanh: rounds(0, { floor: 9 }),
  // WGSL has no erf. Formula 7.1.26 of Abramowitz and Stegun, five terms and an exponential, is off by 1.5e-7, or
  // 2.5 U. Evaluating it adds another 40 U near 0 if division and exp are as inaccurate as WGSL allows, and a third of
  // that otherwise. With the slack of bounds.ts, both pass; formula 7.1.25, which is off by 2.5e-5, does not.
  erf: rounds(0, { floor: 16 }),

  max: copies,
  min: copies,
  greater: decidesOn(0, 1),
  equal: decidesOn(0, 1),
  isFinite: copies,
  // Integers beyond 2^24 are rounded; floats are truncated, which is a decision.
  cast: ({ attrs }, { inputs: [{ dtype }] }) => ({
    ...NONE,
    units: dtype === 'int32' && attrs.to === 'float32' ? 1 : 0,
    decides: [0],
  }),
  select: copies,
  stopGradient: copies,
  randomUniform: copies,

  broadcast: copies,
  reshape: copies,
  transpose: copies,
  concat: copies,
  slice: copies,
  pad: copies,
  oneHot: copies,
  reduceMax: copies,
  argMax: decidesOn(0),

  reduceSum: (_, { inputs: [x], outputs: [y] }) => summing([0], sizeOf(x.shape) / sizeOf(y.shape)),
  matMul: ({ attrs }, { inputs: [x] }) => summing([0, 1], shape2(x.shape)[attrs.transposeA ? 0 : 1]),
  conv2d: (_, { inputs: [, w] }) => summing([0, 1], sizeOf(w.shape.slice(1))),
  conv2dGradInput: ({ attrs }, { inputs: [, w] }) => {
    const [filters, , ...kernel] = shape4(w.shape);
    return summing([0, 1], (filters / attrs.groups) * windowsOver({ ...attrs, kernel }));
  },
  conv2dGradFilter: (_, { inputs: [, dy] }) => summing([0, 1], sizeOf(dy.shape) / dimOf(dy.shape, 1)),
  // One division, of the sum or of each term.
  avgPool2d: ({ attrs }) => ({ ...summing([0], sizeOf(attrs.kernel)), units: 5 }),
  avgPool2dGrad: ({ attrs }) => ({ ...summing([0], windowsOver(attrs)), units: 5 }),
  maxPool2d: copies,
  maxPool2dGather: decidesOn(0, 1),
  maxPool2dGrad: ({ attrs }) => ({ ...summing([2], windowsOver(attrs)), decides: [0, 1] }),
};

function summing(sums: readonly number[], terms: number): Rounding {
  return { ...NONE, sums, terms };
}

interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations?: Pair;
}

/** Returns the largest number of windows that contain the same pixel. */
function windowsOver({ kernel, strides, dilations = [1, 1] }: Window): number {
  // Along an axis, the taps that meet a pixel are s / gcd(s, d) apart.
  const along = (axis: 0 | 1): number => {
    const apart = strides[axis] / greatestCommonDivisor(strides[axis], dilations[axis]);
    return Math.ceil(kernel[axis] / apart);
  };
  return along(0) * along(1);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
