// How far an honest float32 forward pass may be expected to lie from the float64 one: a pass that gives, beside every value,
// the variance of its rounding error, as if every rounding erred on its own (Higham and Mary 2019, "A new approach to
// probabilistic rounding error analysis"). A bound for the worst case, as in tolerance.ts, would grow tenfold with each
// layer and call every decision of a network undecided.
import type { CopyOptions, Graph, Node, Value } from '@isonet/core';
import { copyInto, decompose, GraphBuilder, sizeOf } from '@isonet/core';
import { sum, times } from '../analysis.ts';

/** The variance of one rounding to float32, relative to the value squared: uniform in half a unit either way. */
const ROUNDING = 2 ** -48 / 3;

/** A decision: between x and 0 (a ReLU), or among the values of x in each window (a maximum pool). */
export interface Decision {
  readonly node: Node;
  /** The outputs that hold x and the variance of its error. */
  readonly value: string;
  readonly variance: string;
}

/** The variance of a value's error; undefined where it is exact. */
type Variance = Value | undefined;

/** @returns a graph that computes what each decision is taken over, and how uncertain it is; exact ones are left out */
export function decisionsOf(graph: Graph): {
  readonly graph: Graph;
  readonly decisions: readonly Decision[];
} {
  const b = new GraphBuilder(`${graph.name} (variances)`);
  const variances = new Map<Value, Variance>();
  const decisions: Decision[] = [];
  const emit: CopyOptions['emit'] = (node, inputs) => {
    const outputs = b.emit(node.op, inputs, node.attrs);
    const [output] = outputs;
    if (!output) return outputs;
    const known = inputs.map((input) => variances.get(input));
    variances.set(output, varianceOf(b, node, inputs, output, known));
    const decided = node.op === 'max' ? 1 : node.op === 'maxPool2d' ? 0 : undefined;
    const [x, variance] = decided === undefined ? [] : [inputs[decided], known[decided]];
    if (x && variance) {
      const [name, beside] = [`${decisions.length}`, `${decisions.length}/variance`];
      decisions.push({ node, value: name, variance: beside });
      b.output(name, x);
      b.output(beside, variance);
    }
    return outputs;
  };
  copyInto(
    b,
    decompose(graph, () => true),
    { emit },
  );
  return { graph: b.build(), decisions };
}

/** The rules of the ops that a forward pass is made of. Errors of different operands count as independent. */
function varianceOf(
  b: GraphBuilder,
  node: Node,
  inputs: readonly Value[],
  output: Value,
  known: readonly Variance[],
): Variance {
  const [x, y] = inputs;
  const [vx, vy, vz] = known;
  if (!x) return undefined;
  const own = (): Value => times(b, ROUNDING, square(b, output));
  switch (node.op) {
    case 'add':
    case 'sub':
      return sum(b, vx, vy, own());
    case 'mul':
      return y && sum(b, vx && b.op.mul(vx, square(b, y)), vy && b.op.mul(vy, square(b, x)), own());
    case 'div': {
      if (!y) return undefined;
      const numerator = sum(b, vx, vy && b.op.mul(vy, square(b, output)));
      return sum(b, numerator && b.op.div(numerator, square(b, y)), own());
    }
    case 'sqrt':
      return sum(b, vx && times(b, 0.25, b.op.div(vx, x)), own());
    // Half of n roundings of partial sums: as large as the sum, or as what a random walk through its terms comes to.
    case 'reduceSum': {
      const terms = sizeOf(x.shape) / sizeOf(output.shape);
      const walk = b.op.add(b.op.reduceSum(square(b, x), node.attrs), square(b, output));
      return sum(b, vx && b.op.reduceSum(vx, node.attrs), times(b, (ROUNDING * terms) / 2, walk));
    }
    case 'conv2d': {
      if (!y) return undefined;
      const terms = sizeOf(y.shape.slice(1));
      const squares = square(b, y);
      const walk = b.op.add(b.op.conv2d(square(b, x), squares, node.attrs), square(b, output));
      const passed = vx && b.op.conv2d(vx, squares, node.attrs);
      return sum(b, passed, times(b, (ROUNDING * terms) / 2, walk));
    }
    case 'max':
      // 0 and x, in a ReLU.
      return vy && y && b.op.select(b.op.greater(y, x), vy, b.fill(0, vy.shape));
    case 'maxPool2d':
      return vx && b.op.maxPool2d(vx, node.attrs);
    case 'broadcast':
      return vx && b.op.broadcast(vx, node.attrs);
    case 'reshape':
      return vx && b.op.reshape(vx, node.attrs);
    case 'select':
      // A dropped value is exactly 0.
      return vz && b.op.select(x, b.fill(0, vz.shape), vz);
    case 'greater':
    case 'randomUniform':
      return undefined;
    default:
      throw new Error(`no variance for ${node.op}`);
  }
}

function square(b: GraphBuilder, value: Value): Value {
  return b.op.mul(value, value);
}
