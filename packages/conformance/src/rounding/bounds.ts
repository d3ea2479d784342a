// Bounds on how far a correct float32 result may lie from the float64 reference: a running error analysis (Higham, "Accuracy and
// stability of numerical algorithms", section 3.3) as a pass. It turns a graph of primitives into a graph that also computes a bound
// for every value. The reference evaluates that graph; no bound is fitted to the results of a backend.
import type { CopyOptions, Graph, Kernels, Value, ValueId } from '@isonet/core';
import { copyInto, each, GraphBuilder, kernelFor } from '@isonet/core';
import { copiesOf, sum, times } from './graph.ts';
import type { Rounding } from './table.ts';
import { roundingOf, U } from './table.ts';

/** A native composite may use a different formula from its decomposition, and a GPU may round in either direction. */
const SLACK = 4;

/** The smallest normal float32: smaller results may be flushed to 0. */
const TINY = 2 ** -126;

/** A bound on the error of a value; undefined if the value is exact: an input, a constant, or a copy of one. */
type Bound = Value | undefined;

interface Operand {
  readonly value: Value;
  readonly error: Bound;
}

interface Context {
  readonly b: GraphBuilder;
  readonly rounding: Rounding;
  /** Counts the decisions that rounding could flip: those where `bound` exceeds `gap`. */
  readonly undecided: (gap: Value, bound: Value) => void;
}

interface RuleTypes {
  readonly input: Operand;
  readonly output: Value;
  readonly context: Context;
  readonly result: Bound;
}

/**
 * Outputs `bound/<output>` for each output that has an error, and `undecided/<i>: []`, the number of comparisons that lie within
 * the error of their operands. A case is sound only if all of these are 0.
 * @param graph a graph of primitives only
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
    if (!rule) throw new Error(`no bound for the composite ${node.op}: decompose the graph first`);
    const copyOf = copiesOf(node, inputs, outputs);
    const operand = (id: ValueId): Operand => ({ value: copyOf(id), error: bounds.get(copyOf(id)) });
    const rounding = roundingOf(graph, node);
    const bound = rule(operand, copyOf, { b, rounding, undecided });
    for (const output of outputs) bounds.set(output, bound); // Primitives have a single output.
    return outputs;
  };
  const at = copyInto(b, graph, { emit });
  for (const { name, value } of graph.outputs) {
    const bound = bounds.get(at(value));
    if (bound) b.output(`bound/${name}`, b.op.add(times(b, SLACK, bound), b.fill(TINY, bound.shape)));
  }
  return b.build();
}

/** Propagates the operands' errors and adds the op's own rounding. */
const rules: Kernels<RuleTypes> = {
  add: (_, { inputs: [x, y], outputs: [z] }, context) => sum(context.b, x.error, y.error, own(context, z)),
  sub: (_, { inputs: [x, y], outputs: [z] }, context) => sum(context.b, x.error, y.error, own(context, z)),
  mul: (_, { inputs: [x, y], outputs: [z] }, context) => {
    const { b } = context;
    return sum(
      b,
      product(b, x, y, (p, q) => b.op.mul(p, q)),
      own(context, z),
    );
  },
  div: (_, { inputs: [x, y], outputs: [z] }, context) => {
    const { b, undecided } = context;
    const divisor = magnitude(b, y.value);
    if (y.error) undecided(divisor, y.error); // A division by 0 has no bound.
    const numerator = sum(b, x.error, y.error && b.op.mul(magnitude(b, z), y.error));
    const denominator = y.error ? b.op.sub(divisor, y.error) : divisor;
    return sum(b, numerator && b.op.div(numerator, denominator), own(context, z));
  },
  exp: (_, { inputs: [x], outputs: [y] }, context) => {
    const { b } = context;
    const stretched = x.error && b.op.mul(y, b.op.sub(b.op.exp(x.error), b.fill(1, y.shape)));
    return sum(b, stretched, own(context, y, x.value));
  },
  log: (_, { inputs: [x], outputs: [y] }, context) => {
    const { b, undecided } = context;
    if (x.error) undecided(x.value, x.error);
    const shift = x.error && b.op.div(x.error, b.op.sub(x.value, x.error));
    return sum(b, shift, own(context, y));
  },
  sqrt: (_, { inputs: [x], outputs: [y] }, context) =>
    sum(context.b, x.error && throughRoot(context.b, y, x.error), own(context, y)),
  // The slope 1 - tanh^2 is largest at the smallest |tanh| within the error.
  tanh: (_, { inputs: [x], outputs: [y] }, context) => {
    const { b } = context;
    if (!x.error) return own(context, y);
    const least = atLeast0(b, b.op.sub(magnitude(b, y), x.error));
    const slope = b.op.sub(b.fill(1, y.shape), b.op.mul(least, least));
    return sum(b, b.op.mul(x.error, slope), own(context, y));
  },
  // The slope 2 / sqrt(pi) e^(-x^2) is largest at the smallest |x| within the error.
  erf: (_, { inputs: [x], outputs: [y] }, context) => {
    const { b } = context;
    if (!x.error) return own(context, y);
    const least = atLeast0(b, b.op.sub(magnitude(b, x.value), x.error));
    const bell = b.op.exp(times(b, -1, b.op.mul(least, least)));
    return sum(b, b.op.mul(x.error, times(b, 2 / Math.sqrt(Math.PI), bell)), own(context, y));
  },
  max: (_, { inputs: [x, y] }, { b }) => chosen(b, x, y, (p, q) => b.op.sub(p, q)),
  min: (_, { inputs: [x, y] }, { b }) => chosen(b, x, y, (p, q) => b.op.sub(q, p)),
  greater: (_, { inputs: [x, y] }, context) => compared(context, x, y),
  equal: (_, { inputs: [x, y] }, context) => compared(context, x, y),
  isFinite: () => undefined,
  // A cast to an integer truncates, so an error could change the integer.
  cast: (_, { inputs: [x], outputs: [y] }, context) => {
    const { b, undecided } = context;
    if (x.error) {
      const rest = magnitude(b, b.op.sub(x.value, b.op.cast(y, { to: 'float32' })));
      undecided(b.op.min(rest, b.op.sub(b.fill(1, rest.shape), rest)), x.error);
    }
    return own(context, y);
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
  reduceSum: ({ attrs }, { inputs: [x] }, context) =>
    summed(context, x, (values) => context.b.op.reduceSum(values, attrs)),
  reduceMax: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.reduceMax(x.error, attrs),
  argMax: (_, { inputs: [x] }) => exactly(x, undefined),
  matMul: ({ attrs }, { inputs: [x, y] }, context) =>
    products(context, x, y, (p, q) => context.b.op.matMul(p, q, attrs)),
  conv2d: ({ attrs }, { inputs: [x, w] }, context) =>
    products(context, x, w, (p, q) => context.b.op.conv2d(p, q, attrs)),
  conv2dGradInput: ({ attrs }, { inputs: [dy, w] }, context) =>
    products(context, dy, w, (p, q) => context.b.op.conv2dGradInput(p, q, attrs)),
  conv2dGradFilter: ({ attrs }, { inputs: [x, dy] }, context) =>
    products(context, x, dy, (p, q) => context.b.op.conv2dGradFilter(p, q, attrs)),
  maxPool2d: ({ attrs }, { inputs: [x] }, { b }) => x.error && b.op.maxPool2d(x.error, attrs),
  maxPool2dGrad: ({ attrs }, { inputs: [x, y, dy] }, context) => {
    const route = (values: Value): Value => context.b.op.maxPool2dGrad(x.value, y.value, values, attrs);
    return exactly(x, summed(context, dy, route));
  },
  maxPool2dGather: ({ attrs }, { inputs: [x, y, g] }, { b }) =>
    exactly(x, g.error && b.op.maxPool2dGather(x.value, y.value, g.error, attrs)),
  avgPool2d: ({ attrs }, { inputs: [x] }, context) =>
    summed(context, x, (values) => context.b.op.avgPool2d(values, attrs)),
  avgPool2dGrad: ({ attrs }, { inputs: [dy] }, context) =>
    summed(context, dy, (values) => context.b.op.avgPool2dGrad(values, attrs)),
};

/**
 * Returns a bound on the op's own rounding.
 * @param operand the operand whose magnitude scales the error, for a function with `unitsPerMagnitude`
 */
function own({ b, rounding }: Context, result: Value, operand?: Value): Bound {
  const { units, unitsPerMagnitude, floor } = rounding;
  const relative = sum(
    b,
    units > 0 ? b.fill(units * U, result.shape) : undefined,
    operand && times(b, unitsPerMagnitude * U, magnitude(b, operand)),
  );
  const absolute = floor > 0 ? b.fill(floor * U, result.shape) : undefined;
  return sum(b, relative && b.op.mul(relative, magnitude(b, result)), absolute);
}

/**
 * Passes on the bound of an op that chooses among the values of `x`.
 * @throws Error if the values of `x` are rounded
 */
function exactly({ error }: Operand, bound: Bound): Bound {
  if (error) throw new Error('no bound for an op that chooses among rounded values');
  return bound;
}

/** A comparison has no error, but rounding could flip it. */
function compared({ b, undecided }: Context, x: Operand, y: Operand): undefined {
  const error = sum(b, x.error, y.error);
  if (error) undecided(magnitude(b, b.op.sub(x.value, y.value)), error);
}

/**
 * Returns the bound of the operand that wins. Where one operand is `ahead` of the other beyond doubt, only its own
 * error counts, so an inactive ReLU must return exactly 0.
 */
function chosen(b: GraphBuilder, x: Operand, y: Operand, ahead: (x: Value, y: Value) => Value): Bound {
  const error = sum(b, x.error, y.error);
  if (!error) return undefined;
  const none = b.fill(0, error.shape);
  const [ex, ey] = [x.error ?? none, y.error ?? none];
  const unlessY = b.op.select(b.op.greater(ahead(y.value, x.value), error), ey, b.op.max(ex, ey));
  return b.op.select(b.op.greater(ahead(x.value, y.value), error), ex, unlessY);
}

/** |sqrt(x + e) - sqrt(x)| <= |e| / sqrt(x), and <= sqrt(|e|) where x < |e|; 0 where e is 0. */
function throughRoot(b: GraphBuilder, root: Value, ex: Value): Value {
  const stretched = b.op.div(ex, b.op.max(root, b.op.sqrt(ex)));
  const none = b.fill(0, ex.shape);
  return b.op.select(b.op.greater(ex, none), stretched, none);
}

/** Returns a bound on the error of a linear op on `x`. An unscaled sum of one term is a copy. */
function summed({ b, rounding }: Context, { value, error }: Operand, f: (values: Value) => Value): Bound {
  const { terms, units } = rounding;
  const roundings = (terms > 1 || units > 0 ? terms : 0) + units;
  const rounded = roundings > 0 ? times(b, roundings * U, f(magnitude(b, value))) : undefined;
  return sum(b, error && f(error), rounded);
}

/** Returns a bound on the error of sums of products. */
function products(
  { b, rounding: { terms } }: Context,
  x: Operand,
  y: Operand,
  f: (x: Value, y: Value) => Value,
): Bound {
  const rounded = times(b, terms * U, f(magnitude(b, x.value), magnitude(b, y.value)));
  return sum(b, product(b, x, y, f), rounded);
}

/** Propagates the errors of two factors, without the rounding of the product. */
function product(
  b: GraphBuilder,
  { value: p, error: ep }: Operand,
  { value: q, error: eq }: Operand,
  f: (x: Value, y: Value) => Value,
): Bound {
  const [x, y] = [magnitude(b, p), magnitude(b, q)];
  return sum(b, ep && f(ep, y), eq && f(x, eq), ep && eq && f(ep, eq));
}

function magnitude(b: GraphBuilder, value: Value): Value {
  return b.op.max(value, times(b, -1, value));
}

function atLeast0(b: GraphBuilder, value: Value): Value {
  return b.op.max(value, b.fill(0, value.shape));
}
