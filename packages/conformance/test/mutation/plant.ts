// Evaluates a graph with a fault in it, node by node on the reference, as far as the fault reaches: what it does not reach is
// known already.
import type { Graph, Named, Node, Tensor, Tensors, ValueId } from '@isonet/core';
import { declaredType, defined, each, GraphBuilder, nodeText } from '@isonet/core';
import { numberAt, the } from '../../src/check/compare.ts';
import { referenceDevice, runOnce } from '../../src/oracle.ts';
import type { Fault, Work, Wrong } from './fault.ts';

/** What every value of a graph should be, by its id; floats as float64. */
export type Values = ReadonlyMap<ValueId, Tensor>;

export async function everyValue(graph: Graph, feeds: Tensors): Promise<Values> {
  const outputs = graph.values.map((_, value) => ({ name: String(value), value }));
  const all = await runOnce(await referenceDevice(), { ...graph, outputs }, {}, feeds);
  return new Map(graph.values.map((_, value) => [value, the(all, String(value))]));
}

export interface Effect {
  /** The values that are no longer what they should be. */
  readonly wrong: Values;
  /** Why the fault does nothing, where all its nodes have a reason for that. */
  readonly reason?: string;
}

/** Plants a fault in some nodes, all of the fault's op. */
export async function plant(
  graph: Graph,
  right: Values,
  nodes: ReadonlySet<Node>,
  fault: Fault,
): Promise<Effect> {
  const wrong = new Map<ValueId, Tensor>();
  const read = dependencies(graph);
  const reasons: (string | undefined)[] = [];
  for (const node of graph.nodes) {
    const reached = node.inputs.some((value) => wrong.has(value));
    const operands = each(node.inputs, (value) => wrong.get(value) ?? at(right, value));
    const work: Work = { node, operands, results: each(node.outputs, (value) => at(right, value)) };
    const planted = nodes.has(node) ? fault.plant(work) : 'another node';
    const isPlanted = typeof planted !== 'string';
    if (nodes.has(node) && !isPlanted) reasons.push(planted);
    if (!reached && !isPlanted) continue;
    const results = await compute(node, operands, isPlanted ? planted : {});
    const changed = node.outputs.flatMap((value, i): readonly (readonly [ValueId, Tensor])[] => {
      const result = defined(results[i], `result ${i} of ${nodeText(node)}`);
      return equal(result, at(right, value)) ? [] : [[value, result]];
    });
    const seen = changed.filter(([value]) => read.has(value));
    for (const [value, result] of seen) wrong.set(value, result);
    if (isPlanted && changed.length === 0) reasons.push(fault.unseen?.(work));
    if (isPlanted && changed.length > 0 && seen.length === 0) reasons.push('what it changes is not read');
  }
  const given = reasons.filter((reason) => reason !== undefined);
  if (wrong.size > 0 || given.length < reasons.length) return { wrong };
  return { wrong, reason: [...new Set(given)].join('; ') };
}

async function compute(
  node: Node,
  operands: Work['operands'],
  { attrs = node.attrs, operands: given = operands, emit, results: known }: Wrong,
): Promise<readonly Tensor[]> {
  if (known) return known;
  const b = new GraphBuilder(nodeText(node));
  const inputs = given.map((tensor, i) => b.input(String(i), declaredType(tensor)));
  const outputs = emit?.(b, inputs) ?? b.emit(node.op, inputs, attrs);
  outputs.forEach((output, i) => b.output(String(i), output));
  const feeds = Object.fromEntries(given.map((tensor, i) => [String(i), tensor]));
  const results = await runOnce(await referenceDevice(), b.build(), {}, feeds);
  return outputs.map((_, i) => the(results, String(i)));
}

/** Up to float64's own rounding: another formula for the same is no fault. */
function equal(x: Tensor, y: Tensor): boolean {
  return x.data.every((value, i) => {
    const other = numberAt(y.data, i);
    return value === other || Object.is(value, other) || Math.abs(value - other) <= 1e-9 * Math.abs(other);
  });
}

/** What outputs of a graph depend on, by default all of them, and these themselves. */
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
