// Estimates how far a float32 forward pass is from the float64 one. For every value, it computes the variance of the
// rounding error, as if all rounding errors were independent (Higham and Mary 2019, "A new approach to probabilistic
// rounding error analysis"). A bound for the worst case, as in src/rounding, would grow tenfold with each layer, and
// every decision of a network would count as close.
import type { CopyOptions, Graph, Kernels, Node, Value, ValueId } from '@isonet/core';
import { copyInto, decompose, GraphBuilder, kernelFor } from '@isonet/core';
import { copiesOf, sum, times } from '../../src/rounding/graph.ts';
import { roundingOf } from '../../src/rounding/table.ts';

/**
 * The variance of one rounding to float32, relative to the square of the value: the error is uniform within half a
 * unit in either direction.
 */
const ROUNDING = 2 ** -48 / 3;

/** A decision: between x and 0 (a ReLU), or among the values of x in each window (a maximum pool). */
export interface Decision {
  readonly node: Node;
  /** The outputs that hold x and the variance of its error. */
  readonly value: string;
  readonly variance: string;
}

/** The variance of a value's error; undefined if the value is exact. */
type Variance = Value | undefined;

/** @returns a graph that computes the operand of each decision and the variance of its error, omitting operands that are exact */
export function decisionsOf(graph: Graph): {
  readonly graph: Graph;
  readonly decisions: readonly Decision[];
} {
  const primitive = decompose(graph, () => true);
  const b = new GraphBuilder(`${graph.name} (variances)`);
  const variances = new Map<Value, Variance>();
  const decisions: Decision[] = [];
  const emit: CopyOptions['emit'] = (node, inputs) => {
    const outputs = b.emit(node.op, inputs, node.attrs);
    const rule = kernelFor(rules, node);
    if (!rule) throw new Error(`no variance for ${node.op}`);
    const copyOf = copiesOf(node, inputs, outputs);
    const operand = (id: ValueId): Operand => ({ value: copyOf(id), variance: variances.get(copyOf(id)) });
    const own = rule(operand, copyOf, { b, terms: roundingOf(primitive, node).terms });
    for (const output of outputs) variances.set(output, own); // Primitives have a single output.
    const decided = decidedOperand(node);
    const { value: x, variance } = decided === undefined ? { value: undefined } : operand(decided);
    if (x && variance) {
      const [name, error] = [`${decisions.length}`, `${decisions.length}/variance`];
      decisions.push({ node, value: name, variance: error });
      b.output(name, x);
      b.output(error, variance);
    }
    return outputs;
  };
  copyInto(b, primitive, { emit });
  return { graph: b.build(), decisions };
}

/** Returns the operand of a decision: relu is max(0, x). */
function decidedOperand(node: Node): ValueId | undefined {
  if (node.op === 'max') return node.inputs[1];
  return node.op === 'maxPool2d' ? node.inputs[0] : undefined;
}

interface Operand {
  readonly value: Value;
  readonly variance: Variance;
}

interface Context {
  readonly b: GraphBuilder;
  /** The number of terms in each sum of the node, from the table of rounding. */
  readonly terms: number;
}

interface RuleTypes {
  readonly input: Operand;
  readonly output: Value;
  readonly context: Context;
  readonly result: Variance;
}

/** The rules of the ops in forward passes. Errors of different operands count as independent. */
const rules: Partial<Kernels<RuleTypes>> = {
  add: (_, { inputs: [x, y], outputs: [z] }, { b }) => sum(b, x.variance, y.variance, rounding(b, z)),
  sub: (_, { inputs: [x, y], outputs: [z] }, { b }) => sum(b, x.variance, y.variance, rounding(b, z)),
  mul: (_, { inputs: [x, y], outputs: [z] }, { b }) =>
    sum(
      b,
      x.variance && b.op.mul(x.variance, square(b, y.value)),
      y.variance && b.op.mul(y.variance, square(b, x.value)),
      rounding(b, z),
    ),
  div: (_, { inputs: [x, y], outputs: [z] }, { b }) => {
    const numerator = sum(b, x.variance, y.variance && b.op.mul(y.variance, square(b, z)));
    return sum(b, numerator && b.op.div(numerator, square(b, y.value)), rounding(b, z));
  },
  sqrt: (_, { inputs: [x], outputs: [y] }, { b }) =>
    sum(b, x.variance && times(b, 0.25, b.op.div(x.variance, x.value)), rounding(b, y)),
  // The variance of n / 2 roundings of partial sums, each about as large as the sum or as a random walk through its
  // terms.
  reduceSum: ({ attrs }, { inputs: [x], outputs: [y] }, { b, terms }) => {
    const walk = b.op.add(b.op.reduceSum(square(b, x.value), attrs), square(b, y));
    const passed = x.variance && b.op.reduceSum(x.variance, attrs);
    return sum(b, passed, times(b, (ROUNDING * terms) / 2, walk));
  },
  conv2d: ({ attrs }, { inputs: [x, w], outputs: [y] }, { b, terms }) => {
    const squares = square(b, w.value);
    const walk = b.op.add(b.op.conv2d(square(b, x.value), squares, attrs), square(b, y));
    const passed = x.variance && b.op.conv2d(x.variance, squares, attrs);
    return sum(b, passed, times(b, (ROUNDING * terms) / 2, walk));
  },
  // A ReLU: the operands are 0 and x.
  max: (_, { inputs: [zero, x] }, { b }) =>
    x.variance && b.op.select(b.op.greater(x.value, zero.value), x.variance, b.fill(0, x.value.shape)),
  maxPool2d: ({ attrs }, { inputs: [x] }, { b }) => x.variance && b.op.maxPool2d(x.variance, attrs),
  broadcast: ({ attrs }, { inputs: [x] }, { b }) => x.variance && b.op.broadcast(x.variance, attrs),
  reshape: ({ attrs }, { inputs: [x] }, { b }) => x.variance && b.op.reshape(x.variance, attrs),
  // A dropped value is exactly 0.
  select: (_, { inputs: [dropped, , kept] }, { b }) =>
    kept.variance && b.op.select(dropped.value, b.fill(0, kept.value.shape), kept.variance),
  greater: () => undefined,
  randomUniform: () => undefined,
};

function rounding(b: GraphBuilder, value: Value): Value {
  return times(b, ROUNDING, square(b, value));
}

function square(b: GraphBuilder, value: Value): Value {
  return b.op.mul(value, value);
}
