// Evaluates graphs in float64, node by node and synchronously, with the reference's kernels; optionally with a mutant in
// some nodes.
import type { Each, Graph, Named, Node, Tensor, Tensors, Value, ValueId } from '@isonet/core';
import {
  declaredType,
  defined,
  definitionOf,
  each,
  GraphBuilder,
  kernelFor,
  nodeText,
  typeOf,
} from '@isonet/core';
import { kernels } from '../../../backend-reference/src/kernels/index.ts';
import { elementAt, tensorNamed } from '../../src/check/compare.ts';
import type { Changed, Mutant, Work } from './mutant.ts';
import { inFloat64 } from './tensors.ts';

/** Values of a graph by their ids. Floats are float64. */
export type Values = ReadonlyMap<ValueId, Tensor>;

/** Returns every value of a graph without state. */
export function evaluate(graph: Graph, feeds: Tensors): Values {
  const values = new Map<ValueId, Tensor>();
  for (const { name, value } of graph.inputs) values.set(value, inFloat64(tensorNamed(feeds, name)));
  for (const { value, data } of graph.constants) values.set(value, inFloat64(data));
  for (const node of graph.nodes) {
    const results = resultsOf(graph, node, (value) => at(values, value));
    node.outputs.forEach((value, i) => values.set(value, resultOf(node, results, i)));
  }
  return values;
}

/** Returns the right results of a node; decomposes a composite. */
export function resultsOf(graph: Graph, node: Node, valueAt: (value: ValueId) => Tensor): readonly Tensor[] {
  const kernel = kernelFor(kernels, node);
  const definition = definitionOf(node.op);
  if (kernel) {
    const [output] = node.outputs; // Primitives have a single output.
    const { dtype, shape } = typeOf(graph, output);
    const data = kernel(valueAt, (value) => typeOf(graph, value), undefined);
    // The kernel has made an array for this dtype; the types cannot express that.
    return [{ dtype: dtype === 'float32' ? 'float64' : dtype, shape, data } as Tensor];
  }
  if (definition.kind === 'primitive') throw new Error(`the reference has no kernel for ${node.op}`);
  return compute(node.inputs.map(valueAt), (b, inputs) => definition.decompose(b, inputs, node.attrs));
}

/** Returns the results of a small graph on these operands. */
export function compute<T extends readonly Tensor[]>(
  operands: T,
  build: (b: GraphBuilder, inputs: Each<T, Value>) => readonly Value[],
): readonly Tensor[] {
  const b = new GraphBuilder('small');
  const inputs = each(operands, (tensor, i) => b.input(String(i), declaredType(tensor)));
  build(b, inputs).forEach((output, i) => b.output(String(i), output));
  const graph = b.build();
  const values = evaluate(graph, Object.fromEntries(operands.map((tensor, i) => [String(i), tensor])));
  return graph.outputs.map(({ value }) => at(values, value));
}

/** @param known the right results, if they are already computed */
export function workOf(node: Node, operands: readonly Tensor[], known?: readonly Tensor[]): Work {
  let kept = known;
  const run = ({ attrs = node.attrs, operands: actual = operands }: Changed): readonly Tensor[] =>
    compute(actual, (b, inputs) => b.emit(node.op, inputs, attrs));
  const right = (changed?: Changed): readonly Tensor[] => (changed ? run(changed) : (kept ??= run({})));
  // There is a result for each output of the node; the types cannot express that.
  return { node, operands, right: right as Work['right'] };
}

export interface Effect {
  /** The values that the mutant changes. */
  readonly wrong: Values;
  /** Why the mutant is equivalent, if every node has a reason. */
  readonly reason?: string;
}

/**
 * Evaluates a graph with a mutant in some nodes, all of them of the mutant's op. Recomputes only the nodes that the
 * mutant's results affect.
 */
export function mutate(graph: Graph, right: Values, nodes: ReadonlySet<Node>, mutant: Mutant): Effect {
  const wrong = new Map<ValueId, Tensor>();
  const valueAt = (value: ValueId): Tensor => wrong.get(value) ?? at(right, value);
  const read = dependencies(graph);
  const reasons: (string | undefined)[] = [];
  for (const node of graph.nodes) {
    const reached = node.inputs.some((value) => wrong.has(value));
    const known = reached ? undefined : node.outputs.map((value) => at(right, value));
    const work = workOf(node, node.inputs.map(valueAt), known);
    const outcome = nodes.has(node) ? mutant.kernel(work) : undefined;
    const mutated = typeof outcome === 'object';
    if (typeof outcome === 'string') reasons.push(outcome);
    if (!reached && !mutated) continue;
    const results = mutated ? outcome : resultsOf(graph, node, valueAt);
    const changed = node.outputs.flatMap((value, i): readonly (readonly [ValueId, Tensor])[] => {
      const result = resultOf(node, results, i);
      return nearlyEqual(result, at(right, value)) ? [] : [[value, result]];
    });
    const seen = changed.filter(([value]) => read.has(value));
    for (const [value, result] of seen) wrong.set(value, result);
    if (mutated && changed.length === 0) reasons.push(mutant.equivalent?.(work));
    if (mutated && changed.length > 0 && seen.length === 0) reasons.push('nothing reads its changes');
  }
  const explained = reasons.filter((reason) => reason !== undefined);
  if (wrong.size > 0 || explained.length < reasons.length) return { wrong };
  return { wrong, reason: [...new Set(explained)].join('; ') };
}

/**
 * Returns whether two tensors are equal up to float64's own rounding: computing the same function by a different
 * formula does not count as a change.
 */
function nearlyEqual(x: Tensor, y: Tensor): boolean {
  return x.data.every((value, i) => {
    const other = elementAt(y.data, i);
    return value === other || Object.is(value, other) || Math.abs(value - other) <= 1e-9 * Math.abs(other);
  });
}

/** Returns some outputs of a graph (by default all) and the values that they depend on. */
export function dependencies(
  { nodes, outputs }: Graph,
  which: (output: Named) => boolean = () => true,
): ReadonlySet<ValueId> {
  const read = new Set(outputs.filter(which).map(({ value }) => value));
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((value) => read.has(value))) node.inputs.forEach((value) => read.add(value));
  }
  return read;
}

export function at(values: Values, value: ValueId): Tensor {
  return defined(values.get(value), `the value of %${value}`);
}

function resultOf(node: Node, results: readonly Tensor[], index: number): Tensor {
  return defined(results[index], `result ${index} of ${nodeText(node)}`);
}
