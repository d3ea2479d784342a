// How far a right float32 result may lie from the float64 reference. Running error analysis (Higham, "Accuracy and
// stability of numerical algorithms", section 3.3) as a pass: a graph of primitives -> a graph that computes, beside every
// value, a bound on its error. The reference evaluates it; nothing in it is fitted to what some backend happens to give.
import type { CopyOptions, Graph, Kernels, Value, ValueId } from '@isonet/core';
import { copyInto, dimOf, each, GraphBuilder, kernelFor, shape2, shape4, sizeOf } from '@isonet/core';
import { copiesOf, sum, times, U, windowsOver } from './graph.ts';

/** A native composite may take another formula than its decomposition, and a GPU may round either way. */
const SLACK = 4;

/** The smallest normal float32: what lies below may come out as 0. */
const TINY = 2 ** -126;

/** The bound on the error of a value; undefined where it is exact: inputs, constants, and what is only copied from them. */
type Bound = Value | undefined;

interface Operand {
  readonly value: Value;
  readonly error: Bound;
}

interface Context {
  readonly b: GraphBuilder;
  /** Marks a decision that rounding could turn: positive where `bound` reaches `gap`. */
  readonly undecided: (gap: Value, bound: Value) => void;
}

interface RuleTypes {
  readonly input: Operand;
  readonly output: Value;
  readonly context: Context;
  readonly result: Bound;
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
    const rule = kernelFor(rules, node);
    if (!rule) {
      throw new Error(
        `no bound for ${node.op}: give it a rule in tolerance.ts (or decompose the graph, if it is a composite)`,
      );
    }
    const copyOf = copiesOf(node, inputs, outputs);
    const operand = (id: ValueId): Operand => ({ value: copyOf(id), error: bounds.get(copyOf(id)) });
    const bound = rule(operand, copyOf, { b, undecided });
    for (const output of outputs) bounds.set(output, bound); // Primitives have one.
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
const rules: Kernels<RuleTypes> = {
  add: (_, { inputs: [x, y], outputs: [z] }, { b }) => sum(b, x.error, y.error, rounding(b, z, 1)),
  sub: (_, { inputs: [x, y], outputs: [z] }, { b }) => sum(b, x.error, y.error, rounding(b, z, 1)),
  mul: (_, { inputs: [x, y] }, { b }) => product(b, x, y, 1, (p, q) => b.op.mul(p, q)),
  div: (_, { inputs: [x, y], outputs: [z] }, { b, undecided }) => {
    const divisor = magnitude(b, y.value);
    if (y.error) undecided(divisor, y.error); // By 0 there is no bound.
    const numerator = sum(b, x.error, y.error && b.op.mul(magnitude(b, z), y.error));
    const denominator = y.error ? b.op.sub(divisor, y.error) : divisor;
    return sum(b, numerator && b.op.div(numerator, denominator), rounding(b, z, 5));
  },
  exp: (_, { inputs: [x], outputs: [y] }, { b }) => {
    const ulps = b.op.add(b.fill(3, y.shape), times(b, 2, magnitude(b, x.value)));
    const stretched = x.error && b.op.mul(y, b.op.sub(b.op.exp(x.error), b.fill(1, y.shape)));
    return sum(b, stretched, b.op.mul(ulps, rounding(b, y, 2)));
  },
  log: (_, { inputs: [x], outputs: [y] }, { b, undecided }) => {
    if (x.error) undecided(x.value, x.error);
    const shift = x.error && b.op.div(x.error, b.op.sub(x.value, x.error));
    return sum(b, shift, rounding(b, y, 6), b.fill(2 ** -21, y.shape));
  },
  sqrt: (_, { inputs: [x], outputs: [y] }, { b }) =>
    sum(b, x.error && throughRoot(b, y, x.error), rounding(b, y, 9)),
  // The slope is 1 - tanh^2, nowhere steeper than at the least |tanh| within the error.
  tanh: (_, { inputs: [x], outputs: [y] }, { b }) => {
    const own = b.fill(TANH, y.shape);
    if (!x.error) return own;
    const least = atLeast0(b, b.op.sub(magnitude(b, y), x.error));
    const slope = b.op.sub(b.fill(1, y.shape), b.op.mul(least, least));
    return sum(b, b.op.mul(x.error, slope), own);
  },
  // The slope is 2 / sqrt(pi) e^(-x^2), nowhere steeper than at the least |x| within the error.
  erf: (_, { inputs: [x], outputs: [y] }, { b }) => {
    const own = b.fill(ERF, y.shape);
    if (!x.error) return own;
    const least = atLeast0(b, b.op.sub(magnitude(b, x.value), x.error));
    const bell = b.op.exp(times(b, -1, b.op.mul(least, least)));
    return sum(b, b.op.mul(x.error, times(b, 2 / Math.sqrt(Math.PI), bell)), own);
  },
  max: (_, { inputs: [x, y] }, { b }) => chosen(b, x, y, (p, q) => b.op.sub(p, q)),
  min: (_, { inputs: [x, y] }, { b }) => chosen(b, x, y, (p, q) => b.op.sub(q, p)),
  greater: (_, { inputs: [x, y] }, context) => compared(context, x, y),
  equal: (_, { inputs: [x, y] }, context) => compared(context, x, y),
  isFinite: () => undefined,
  // Whole numbers beyond 2^24 are rounded; floats are cut at whole numbers, where an error turns the result.
  cast: (_, { inputs: [x], outputs: [y] }, { b, undecided }) => {
    if (x.error) {
      const rest = magnitude(b, b.op.sub(x.value, b.op.cast(y, { to: 'float32' })));
      undecided(b.op.min(rest, b.op.sub(b.fill(1, rest.shape), rest)), x.error);
    }
    return x.value.dtype === 'int32' ? rounding(b, y, 1) : undefined;
  },
  select: (_, { inputs: [condition, x, y], outputs: [z] }, { b }) => {
    if (!x.error && !y.error) return undefined;
    const none = b.fill(0, z.shape);
    return b.op.select(condition.value, x.error ?? none, y.error ?? none);
  },
  stopGradient: (_, { inputs: [x] }) => x.error,
  broadcast: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.broadcast(x.error, attrs),
  reshape: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.reshape(x.error, attrs),
  transpose: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.transpose(x.error, attrs),
  concat: ({ attrs }, { inputs }, { b }) => {
    if (inputs.every(({ error }) => !error)) return undefined;
    return b.op.concat(...each(inputs, ({ value, error }) => error ?? b.fill(0, value.shape)), attrs);
  },
  slice: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.slice(x.error, attrs),
  pad: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.pad(x.error, { ...attrs, value: 0 }),
  oneHot: () => undefined,
  randomUniform: () => undefined,
  reduceSum: ({ attrs }, { inputs: [x], outputs: [y] }, { b }) => {
    const terms = sizeOf(x.value.shape) / sizeOf(y.shape);
    const rounded = terms > 1 ? times(b, terms * U, b.op.reduceSum(magnitude(b, x.value), attrs)) : undefined;
    return sum(b, x.error && b.op.reduceSum(x.error, attrs), rounded);
  },
  reduceMax: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.reduceMax(x.error, attrs),
  argMax: (_, { inputs: [x] }) => {
    if (x.error) throw new Error('no bound for an argMax that chooses among rounded values');
    return undefined;
  },
  matMul: ({ attrs }, { inputs: [x, y] }, { b }) => {
    const [rows, columns] = shape2(x.value.shape);
    return product(b, x, y, attrs.transposeA ? rows : columns, (p, q) => b.op.matMul(p, q, attrs));
  },
  conv2d: ({ attrs }, { inputs: [x, w] }, { b }) => {
    const [, ...perFilter] = shape4(w.value.shape);
    return product(b, x, w, sizeOf(perFilter), (p, q) => b.op.conv2d(p, q, attrs));
  },
  conv2dGradInput: ({ attrs }, { inputs: [dy, w] }, { b }) => {
    const [filters, , height, width] = shape4(w.value.shape);
    const terms = (filters * height * width) / attrs.groups;
    return product(b, dy, w, terms, (p, q) => b.op.conv2dGradInput(p, q, attrs));
  },
  conv2dGradFilter: ({ attrs }, { inputs: [x, dy] }, { b }) => {
    const terms = sizeOf(dy.value.shape) / dimOf(dy.value.shape, 1);
    return product(b, x, dy, terms, (p, q) => b.op.conv2dGradFilter(p, q, attrs));
  },
  maxPool2d: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.maxPool2d(x.error, attrs),
  maxPool2dGrad: ({ attrs }, { inputs: [x, y, dy] }, { b }) => {
    if (x.error) throw new Error('no bound for a pool that chooses among rounded values');
    const windows = windowsOver(attrs);
    const route = (gradient: Value): Value => b.op.maxPool2dGrad(x.value, y.value, gradient, attrs);
    const rounded = windows > 1 ? times(b, windows * U, route(magnitude(b, dy.value))) : undefined;
    return sum(b, dy.error && route(dy.error), rounded);
  },
  maxPool2dGather: ({ attrs }, { inputs: [x, y, g] }, { b }) => {
    if (x.error) throw new Error('no bound for a pool that chooses among rounded values');
    return g.error && b.op.maxPool2dGather(x.value, y.value, g.error, attrs);
  },
  // A sum over the window and one division (5 U), of all terms or of each.
  avgPool2d: ({ attrs }, { inputs: [x] }, { b }) => {
    const mean = (values: Value): Value => b.op.avgPool2d(values, attrs);
    const units = sizeOf(attrs.kernel) + 5;
    return sum(b, x.error && mean(x.error), times(b, units * U, mean(magnitude(b, x.value))));
  },
  avgPool2dGrad: ({ attrs }, { inputs: [dy] }, { b }) => {
    const spread = (values: Value): Value => b.op.avgPool2dGrad(values, attrs);
    const units = windowsOver(attrs) + 5;
    return sum(b, dy.error && spread(dy.error), times(b, units * U, spread(magnitude(b, dy.value))));
  },
};

/** A comparison has no error, but rounding could turn it. */
function compared({ b, undecided }: Context, x: Operand, y: Operand): undefined {
  const error = sum(b, x.error, y.error);
  if (error) undecided(magnitude(b, b.op.sub(x.value, y.value)), error);
}

/**
 * Of an operand that wins by its value: where one is `ahead` of the other beyond doubt, only its own error counts. A ReLU
 * that is off is exactly 0.
 */
function chosen(b: GraphBuilder, x: Operand, y: Operand, ahead: (x: Value, y: Value) => Value): Bound {
  const error = sum(b, x.error, y.error);
  if (!error) return undefined;
  const none = b.fill(0, error.shape);
  const [ex, ey] = [x.error ?? none, y.error ?? none];
  const unlessY = b.op.select(b.op.greater(ahead(y.value, x.value), error), ey, b.op.max(ex, ey));
  return b.op.select(b.op.greater(ahead(x.value, y.value), error), ex, unlessY);
}

/** |sqrt(x + e) - sqrt(x)| <= |e| / sqrt(x), and <= sqrt(|e|) where x is smaller; 0 where e is. */
function throughRoot(b: GraphBuilder, root: Value, ex: Value): Value {
  const stretched = b.op.div(ex, b.op.max(root, b.op.sqrt(ex)));
  const none = b.fill(0, ex.shape);
  return b.op.select(b.op.greater(ex, none), stretched, none);
}

/** Of sums of `terms` products: what the operands' errors make of them, and their own rounding. */
function product(
  b: GraphBuilder,
  { value: p, error: ep }: Operand,
  { value: q, error: eq }: Operand,
  terms: number,
  f: (x: Value, y: Value) => Value,
): Bound {
  const [x, y] = [magnitude(b, p), magnitude(b, q)];
  const rounded = times(b, terms * U, f(x, y));
  return sum(b, ep && f(ep, y), eq && f(x, eq), ep && eq && f(ep, eq), rounded);
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
