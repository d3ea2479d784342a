// A case: a small graph of one or a few ops, its data, and how it is judged, forward and backward. The backward graph
// computes the gradients of loss = sum(outputs * fixed integers) for every float input, with core's `grad`.
import type { AttrsOf, Emitters, Graph, OpName, Tensor, Tensors } from '@isonet/core';
import { deadCode, grad, GraphBuilder, Value } from '@isonet/core';
import { lossWeights } from './data.ts';

/**
 * - 'exact': integers whose partial sums all stay below 2^24, so that any order of summation produces the same bits
 *   as the reference.
 * - 'bounded': real numbers in short sums; results must lie within the bound of rounding/bounds.ts around the
 *   reference's float64 values.
 */
export type Judged = 'exact' | 'bounded';

/** A small graph with its data, and how its results are judged, forward and backward. */
export interface Case {
  /** Stable: `conv2d/3x3-stride-2`. */
  readonly key: string;
  readonly judged: Judged;
  /** The values of all inputs, by name. */
  readonly feeds: Tensors;
  /**
   * Whether some values sit on a kink (ties, a ReLU at 0), where a convention decides and finite differences are
   * meaningless.
   */
  readonly kinked: boolean;
  /** Outputs `y0`, `y1`, ... */
  forward(): Graph;
  /**
   * Returns the same outputs, and `grad/<input>` for every float input; undefined when nothing is differentiable.
   * @param prepare transforms the forward graph before it is differentiated
   */
  backward(prepare?: (graph: Graph) => Graph): Graph | undefined;
  /** Returns the same case at a smaller size, for a device that refuses this one because of its size. */
  readonly smaller?: () => Case;
}

export interface Options {
  readonly kinked?: boolean;
  /** Default true. */
  readonly differentiable?: boolean;
  readonly smaller?: () => Case;
}

/** For cases in which finite differences are meaningless: at kinks and jumps, and where values are extreme. */
export const kinked: Options = { kinked: true };
/** For cases without a backward graph. */
export const forwardOnly: Options = { differentiable: false };

type Build<Names extends string> = (
  op: Emitters,
  values: Readonly<Record<Names, Value>>,
  b: GraphBuilder,
) => Value | readonly Value[];

type Define = <N extends string>(
  key: string,
  feeds: Record<N, Tensor>,
  build: Build<N>,
  options?: Options,
) => Case;

/** Defines a case on integers, judged bit for bit. */
export const exact: Define = (...given) => defineCase('exact', ...given);

/** Defines a case on real numbers, judged by its bound. */
export const bounded: Define = (...given) => defineCase('bounded', ...given);

type DefineFor<Op extends OpName> = <N extends string>(
  name: string,
  feeds: Record<N, Tensor>,
  how?: AttrsOf<Op> | Build<N>,
  options?: Options,
) => Case;

/**
 * Returns the cases of one op. Within `list`, `exact` and `bounded` put the op's name in front of the key, and a case
 * of a single node needs only the node's attributes; its feeds are the node's inputs, in order:
 * `exact('matrix', { x: integers('x', [3, 5]) }, { permutation: [1, 0] })`.
 */
export function casesFor<Op extends OpName>(
  op: Op,
  list: (define: Readonly<Record<Judged, DefineFor<Op>>>) => readonly Case[],
): readonly Case[] {
  const forOp =
    (define: Define): DefineFor<Op> =>
    (name, feeds, how, options) =>
      define(`${op}/${name}`, feeds, typeof how === 'function' ? how : node(op, how), options);
  return list({ exact: forOp(exact), bounded: forOp(bounded) });
}

/** Builds a graph of a single node, whose inputs are the feeds in order. */
export function node(op: OpName, attrs: AttrsOf<OpName> = {}): Build<string> {
  return (_, values, b) => b.emit(op, Object.values(values), attrs);
}

function defineCase<N extends string>(
  judged: Judged,
  key: string,
  feeds: Record<N, Tensor>,
  build: Build<N>,
  { kinked: isKinked = false, differentiable = true, smaller }: Options = {},
): Case {
  const start = (): { b: GraphBuilder; outputs: readonly Value[] } => {
    const b = new GraphBuilder(key);
    const inputs = Object.entries<Tensor>(feeds).map(([name, type]) => [name, b.input(name, type)] as const);
    // Object.fromEntries does not keep the names in its type.
    const values = Object.fromEntries(inputs) as Record<N, Value>;
    const built = b.within({ layer: key }, () => build(b.op, values, b));
    const outputs = built instanceof Value ? [built] : built;
    outputs.forEach((output, i) => b.output(`y${i}`, output));
    return { b, outputs };
  };
  const wrt = Object.entries<Tensor>(feeds).flatMap(([name, { dtype }]) =>
    dtype === 'float32' ? [name] : [],
  );
  const backward: Case['backward'] = (prepare = (graph) => graph) => {
    const { b, outputs } = start();
    const floats = outputs.filter(({ dtype }) => dtype === 'float32');
    if (!differentiable || wrt.length === 0 || floats.length === 0) return undefined;
    return withoutLoss(grad(prepare(withLoss(b, floats)), 'loss', wrt));
  };
  const forward: Case['forward'] = () => start().b.build();
  return { key, judged, feeds, kinked: isKinked, forward, backward, ...(smaller ? { smaller } : {}) };
}

function withLoss(b: GraphBuilder, outputs: readonly Value[]): Graph {
  const terms = outputs.map((output) => {
    const weighted = b.op.mul(output, b.constant(lossWeights(output.shape)));
    const sum = b.op.reduceSum(weighted, { axes: output.shape.map((_, axis) => axis) });
    return b.op.reshape(sum, { shape: [] });
  });
  b.output(
    'loss',
    terms.reduce((sum, term) => b.op.add(sum, term)),
  );
  return b.build();
}

/** Drops the loss, because it is a longer sum than any output that is judged. */
function withoutLoss(graph: Graph): Graph {
  return deadCode({ ...graph, outputs: graph.outputs.filter(({ name }) => name !== 'loss') });
}
