// From a legal graph to dispatches: each node by its kernel, aliases resolved, numbers that are only repeated left where
// they are. Pure: no device is involved.
import type { Graph, Node, ValueId } from '@isonet/core';
import { GraphError, kernelFor, sizeOf, typeOf, typesOf } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import type { Dispatch, Lowered } from './kernels/kernel.ts';

/** One node that does something. */
export interface Step {
  readonly node: Node;
  /** What it reads; not always the node's own inputs: numbers in the place of tensors that repeat them. */
  readonly inputs: readonly ValueId[];
  readonly dispatches: readonly Dispatch[];
}

export interface LoweredGraph {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  /** The value in whose memory this one lies; itself, unless it is an alias. */
  readonly home: (value: ValueId) => ValueId;
}

export function lower(graph: Graph): LoweredGraph {
  const single = repeatedNumbers(graph);
  const homes = new Map<ValueId, ValueId>();
  const home = (value: ValueId): ValueId => homes.get(value) ?? value;
  const steps: Step[] = [];
  for (const node of graph.nodes) {
    const kernel = kernelFor(kernels, node);
    if (!kernel)
      throw new GraphError(`${node.op} "${node.name}" has no kernel: the graph is not legal for this device`);
    const on = (values: readonly ValueId[]): Lowered =>
      kernel({ inputs: typesOf(graph, values), outputs: typesOf(graph, node.outputs) });
    const whole = on(node.inputs);
    const singles = takesSingles(whole);
    const inputs = singles ? node.inputs.map((value) => single.get(value) ?? value) : node.inputs;
    const lowered = singles ? on(inputs) : whole;
    if (lowered === 'alias') {
      const [from, to] = [node.inputs[0], node.outputs[0]];
      if (from === undefined || to === undefined)
        throw new GraphError(`${node.op} "${node.name}" cannot be an alias`);
      homes.set(to, home(from));
    } else steps.push({ node, inputs: inputs.map(home), dispatches: lowered });
  }
  return { graph, steps: withoutDead(graph, steps, home), home };
}

function takesSingles(lowered: Lowered): boolean {
  return lowered !== 'alias' && lowered.every((dispatch) => dispatch.takesSingles);
}

/** Broadcasts of one number, and their aliases -> that number. */
function repeatedNumbers(graph: Graph): ReadonlyMap<ValueId, ValueId> {
  const sources = new Map<ValueId, ValueId>();
  for (const { op, inputs, outputs } of graph.nodes) {
    const [from, to] = [inputs[0], outputs[0]];
    if (from === undefined || to === undefined) continue;
    const known = sources.get(from);
    const passes = op === 'broadcast' || op === 'reshape' || op === 'stopGradient';
    if (passes && known !== undefined) sources.set(to, known);
    else if (op === 'broadcast' && sizeOf(typeOf(graph, from).shape) === 1) sources.set(to, from);
  }
  return sources;
}

/** Leaves out what nobody reads any more: broadcasts that only elementwise kernels wanted. */
function withoutDead(
  graph: Graph,
  steps: readonly Step[],
  home: (value: ValueId) => ValueId,
): readonly Step[] {
  const live = new Set([...graph.outputs, ...graph.updates].map(({ value }) => home(value)));
  const kept = steps.toReversed().filter(({ node, inputs }) => {
    const needed = node.outputs.some((value) => live.has(value));
    if (needed) for (const value of inputs) live.add(value);
    return needed;
  });
  return kept.toReversed();
}
