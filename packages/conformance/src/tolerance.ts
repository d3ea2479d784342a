// How far a right float32 result may lie from the float64 reference. Running error analysis (Higham, "Accuracy and
// stability of numerical algorithms", section 3.3) as a pass: a graph of primitives -> a graph that computes, beside every
// value, a bound on its error. The reference evaluates it; nothing in it is fitted to what some backend happens to give.
import type { CopyOptions, Graph, Kernels, Value } from '@isonet/core';
import { copyInto, GraphBuilder, kernelFor, sizeOf } from '@isonet/core';
import { sum, times, U, windowsOver } from './analysis.ts';

/** A native composite may take another formula than its decomposition, and a GPU may round either way. */
const SLACK = 4;

/** The smallest normal float32: what lies below may come out as 0. */
const TINY = 2 ** -126;

/** The bound of a value; undefined where it is exact: inputs, constants, and what is only copied from them. */
type Bound = Value | undefined;

interface Context {
  readonly b: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly bounds: readonly Bound[];
  /** Marks a decision that rounding could turn: positive where `bound` reaches `gap`. */
  readonly undecided: (gap: Value, bound: Value) => void;
}

/**
 * Outputs `bound/<output>` for each output that has an error, and `undecided/<i>: []`: how many comparisons stand within
 * the error of their operands. A case is sound only where these are 0.
 * @param graph of primitives alone
 */
export function errorBounds(graph: Graph): Graph {
  const b = new GraphBuilder(`${graph.name} (bounds)`);
  const bounds = new Map<Value, Bound>();
  let decisions = 0;
  const undecided = (gap: Value, bound: Value): void => {
    const { shape } = gap;
    const close = b.op.select(b.op.greater(bound, gap), b.fill(1, shape), b.fill(0, shape));
    const count = b.op.reduceSum(close, { axes: shape.map((_, axis) => axis) });
    b.output(`undecided/${decisions++}`, b.op.reshape(count, { shape: [] }));
  };
  const emit: CopyOptions['emit'] = (node, inputs) => {
    const outputs = b.emit(node.op, inputs, node.attrs);
    const [output] = outputs;
    const rule = kernelFor(rules, node);
    if (!rule || !output)
      throw new Error(
        `no bound for ${node.op}: give it a rule in tolerance.ts (or decompose the graph, if it is a composite)`,
      );
    bounds.set(
      output,
      rule({ b, inputs, output, bounds: inputs.map((input) => bounds.get(input)), undecided }),
    );
    return outputs;
  };
  const at = copyInto(b, graph, { emit });
  for (const { name, value } of graph.outputs) {
    const bound = bounds.get(at(value));
    if (bound) b.output(`bound/${name}`, b.op.add(times(b, SLACK, bound), b.fill(TINY, bound.shape)));
  }
  return b.build();
}

/**
 * Absolute. WGSL promises 1e-5 for its own tanh, which would pass half the digits lost. But its exp and its division are
 * promised better, and 1 - 2 / (e^2x + 1) by them loses 3 + 4 |x| units of e^2x, half a unit in the sum, 2.5 in the quotient
 * and half in the difference: at most 9 U, where x is 0. What is right relative to x near 0, as libraries are, is welcome.
 */
const TANH = 9 * U;

/**
 * Absolute. WGSL has no erf: backends approximate it. Abramowitz and Stegun's 7.1.26, five terms and an exponential, is
 * itself off by 1.5e-7, or 2.5 U; its evaluation by another 40 U near 0 if division and exp are as bad as WGSL allows, and
 * by a third of that where they are not. With SLACK both pass; 7.1.25, off by 2.5e-5, does not.
 */
const ERF = 16 * U;

// Units in the last place, as WGSL allows them (section "Accuracy of expressions"): division 2.5, exp 3 + 2 |x|, log 3 or
// 2^-21 absolute, sqrt 4.5 (a division by inverseSqrt, itself 2). One is at most 2 U of the value. The libraries of a cpu
// are better.
const rules: Kernels<Context, Bound> = {
  add: (_, { b, output, bounds }) => sum(b, ...bounds, rounding(b, output, 1)),
  sub: (_, { b, output, bounds }) => sum(b, ...bounds, rounding(b, output, 1)),
  mul: (_, context) => product(context, 1, (x, y) => context.b.op.mul(x, y)),
  div: (_, { b, inputs, output, bounds: [ex, ey], undecided }) => {
    const y = magnitude(b, second(inputs));
    if (ey) undecided(y, ey); // By 0 there is no bound.
    const numerator = sum(b, ex, ey && b.op.mul(magnitude(b, output), ey));
    const denominator = ey ? b.op.sub(y, ey) : y;
    return sum(b, numerator && b.op.div(numerator, denominator), rounding(b, output, 5));
  },
  exp: (_, { b, inputs, output, bounds: [ex] }) => {
    const x = magnitude(b, first(inputs));
    const ulps = b.op.add(b.fill(3, x.shape), times(b, 2, x));
    const stretched = ex && b.op.mul(output, b.op.sub(b.op.exp(ex), b.fill(1, x.shape)));
    return sum(b, stretched, b.op.mul(ulps, rounding(b, output, 2)));
  },
  log: (_, { b, inputs, output, bounds: [ex], undecided }) => {
    if (ex) undecided(first(inputs), ex);
    const shift = ex && b.op.div(ex, b.op.sub(first(inputs), ex));
    return sum(b, shift, rounding(b, output, 6), b.fill(2 ** -21, output.shape));
  },
  sqrt: (_, { b, output, bounds: [ex] }) => sum(b, ex && throughRoot(b, output, ex), rounding(b, output, 9)),
  // The slope is 1 - tanh^2, nowhere steeper than at the least |tanh| within the error.
  tanh: (_, { b, output, bounds: [ex] }) => {
    const own = b.fill(TANH, output.shape);
    if (!ex) return own;
    const least = atLeast0(b, b.op.sub(magnitude(b, output), ex));
    const slope = b.op.sub(b.fill(1, output.shape), b.op.mul(least, least));
    return sum(b, b.op.mul(ex, slope), own);
  },
  // The slope is 2 / sqrt(pi) e^(-x^2), nowhere steeper than at the least |x| within the error.
  erf: (_, { b, inputs, output, bounds: [ex] }) => {
    const own = b.fill(ERF, output.shape);
    if (!ex) return own;
    const least = atLeast0(b, b.op.sub(magnitude(b, first(inputs)), ex));
    const bell = b.op.exp(times(b, -1, b.op.mul(least, least)));
    return sum(b, b.op.mul(ex, times(b, 2 / Math.sqrt(Math.PI), bell)), own);
  },
  max: (_, context) => chosen(context, (x, y) => context.b.op.sub(x, y)),
  min: (_, context) => chosen(context, (x, y) => context.b.op.sub(y, x)),
  greater: (_, { b, inputs, bounds, undecided }) => {
    const error = sum(b, ...bounds);
    if (error) undecided(magnitude(b, b.op.sub(first(inputs), second(inputs))), error);
    return undefined;
  },
  equal: (_, { b, inputs, bounds, undecided }) => {
    const error = sum(b, ...bounds);
    if (error) undecided(magnitude(b, b.op.sub(first(inputs), second(inputs))), error);
    return undefined;
  },
  isFinite: () => undefined,
  // Whole numbers beyond 2^24 are rounded; floats are cut at whole numbers, where an error turns the result.
  cast: (_, { b, inputs, output, bounds: [ex], undecided }) => {
    const x = first(inputs);
    if (ex) {
      const rest = magnitude(b, b.op.sub(x, b.op.cast(output, { to: 'float32' })));
      undecided(b.op.min(rest, b.op.sub(b.fill(1, rest.shape), rest)), ex);
    }
    return x.dtype === 'int32' ? rounding(b, output, 1) : undefined;
  },
  select: (_, { b, inputs, output, bounds: [, ex, ey] }) => {
    if (!ex && !ey) return undefined;
    const none = b.fill(0, output.shape);
    return b.op.select(first(inputs), ex ?? none, ey ?? none);
  },
  stopGradient: (_, { bounds: [ex] }) => ex,
  broadcast: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.broadcast(ex, attrs),
  reshape: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.reshape(ex, attrs),
  transpose: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.transpose(ex, attrs),
  concat: ({ attrs }, { b, inputs, bounds }) => {
    if (bounds.every((bound) => !bound)) return undefined;
    return b.op.concat(...inputs.map(({ shape }, i) => bounds[i] ?? b.fill(0, shape)), attrs);
  },
  slice: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.slice(ex, attrs),
  pad: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.pad(ex, { ...attrs, value: 0 }),
  oneHot: () => undefined,
  randomUniform: () => undefined,
  reduceSum: ({ attrs }, { b, inputs, output, bounds: [ex] }) => {
    const x = first(inputs);
    const terms = sizeOf(x.shape) / sizeOf(output.shape);
    const rounded = terms > 1 ? times(b, terms * U, b.op.reduceSum(magnitude(b, x), attrs)) : undefined;
    return sum(b, ex && b.op.reduceSum(ex, attrs), rounded);
  },
  reduceMax: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.reduceMax(ex, attrs),
  argMax: (_, { bounds: [ex] }) => {
    if (ex) throw new Error('no bound for an argMax that chooses among rounded values');
    return undefined;
  },
  matMul: ({ attrs }, context) => {
    const terms = first(context.inputs).shape[attrs.transposeA ? 0 : 1] ?? 1;
    return product(context, terms, (x, y) => context.b.op.matMul(x, y, attrs));
  },
  conv2d: ({ attrs }, context) => {
    const [, ...perFilter] = second(context.inputs).shape;
    return product(context, sizeOf(perFilter), (x, w) => context.b.op.conv2d(x, w, attrs));
  },
  conv2dGradInput: ({ attrs }, context) => {
    const w = second(context.inputs).shape;
    const terms = sizeOf(w) / (w[1] ?? 1) / attrs.groups;
    return product(context, terms, (dy, f) => context.b.op.conv2dGradInput(dy, f, attrs));
  },
  conv2dGradFilter: ({ attrs }, context) => {
    const dy = second(context.inputs).shape;
    const terms = sizeOf(dy) / (dy[1] ?? 1);
    return product(context, terms, (x, g) => context.b.op.conv2dGradFilter(x, g, attrs));
  },
  maxPool2d: ({ attrs }, { b, bounds: [ex] }) => ex && b.op.maxPool2d(ex, attrs),
  maxPool2dGrad: ({ attrs }, { b, inputs: [x, y, dy], bounds: [ex, , edy] }) => {
    if (ex || !x || !y || !dy) throw new Error('no bound for a pool that chooses among rounded values');
    const windows = windowsOver(attrs);
    const route = (gradient: Value): Value => b.op.maxPool2dGrad(x, y, gradient, attrs);
    const rounded = windows > 1 ? times(b, windows * U, route(magnitude(b, dy))) : undefined;
    return sum(b, edy && route(edy), rounded);
  },
  maxPool2dGather: ({ attrs }, { b, inputs: [x, y], bounds: [ex, , eg] }) => {
    if (ex || !x || !y) throw new Error('no bound for a pool that chooses among rounded values');
    return eg && b.op.maxPool2dGather(x, y, eg, attrs);
  },
  // A sum over the window and one division (5 U), of all terms or of each.
  avgPool2d: ({ attrs }, { b, inputs, bounds: [ex] }) => {
    const mean = (x: Value): Value => b.op.avgPool2d(x, attrs);
    const units = attrs.kernel[0] * attrs.kernel[1] + 5;
    return sum(b, ex && mean(ex), times(b, units * U, mean(magnitude(b, first(inputs)))));
  },
  avgPool2dGrad: ({ attrs }, { b, inputs, bounds: [edy] }) => {
    const spread = (dy: Value): Value => b.op.avgPool2dGrad(dy, attrs);
    const units = windowsOver(attrs) + 5;
    return sum(b, edy && spread(edy), times(b, units * U, spread(magnitude(b, first(inputs)))));
  },
};

/**
 * Of an operand that wins by its value: where one is `ahead` of the other beyond doubt, only its own error counts. A ReLU
 * that is off is exactly 0.
 */
function chosen({ b, inputs, bounds: [ex, ey] }: Context, ahead: (x: Value, y: Value) => Value): Bound {
  const error = sum(b, ex, ey);
  if (!error) return undefined;
  const none = b.fill(0, error.shape);
  const [x, y] = [first(inputs), second(inputs)];
  const either = b.op.max(ex ?? none, ey ?? none);
  const unlessY = b.op.select(b.op.greater(ahead(y, x), error), ey ?? none, either);
  return b.op.select(b.op.greater(ahead(x, y), error), ex ?? none, unlessY);
}

/** |sqrt(x + e) - sqrt(x)| <= |e| / sqrt(x), and <= sqrt(|e|) where x is smaller; 0 where e is. */
function throughRoot(b: GraphBuilder, root: Value, ex: Value): Value {
  const stretched = b.op.div(ex, b.op.max(root, b.op.sqrt(ex)));
  const none = b.fill(0, ex.shape);
  return b.op.select(b.op.greater(ex, none), stretched, none);
}

/** Of sums of `terms` products: what the operands' errors make of them, and their own rounding. */
function product(
  { b, inputs, bounds: [ex, ey] }: Context,
  terms: number,
  f: (x: Value, y: Value) => Value,
): Value {
  const x = magnitude(b, first(inputs));
  const y = magnitude(b, second(inputs));
  const rounded = times(b, terms * U, f(x, y));
  return sum(b, ex && f(ex, y), ey && f(x, ey), ex && ey && f(ex, ey), rounded) ?? rounded;
}

function rounding(b: GraphBuilder, value: Value, units: number): Value {
  return times(b, units * U, magnitude(b, value));
}

function magnitude(b: GraphBuilder, value: Value): Value {
  return b.op.max(value, times(b, -1, value));
}

function atLeast0(b: GraphBuilder, value: Value): Value {
  return b.op.max(value, b.fill(0, value.shape));
}

function first([x]: readonly Value[]): Value {
  if (!x) throw new Error('expected an input');
  return x;
}

function second([, y]: readonly Value[]): Value {
  if (!y) throw new Error('expected a second input');
  return y;
}
