// Reverse-mode automatic differentiation as a pass: adds gradients to a graph with a scalar loss.
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { GraphError } from '../errors.ts';
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { definitionOf } from '../ops/table.ts';
import { shapeText } from '../tensor.ts';
import { commonSubexpressions } from './commonSubexpressions.ts';
import { copyInto, copyResults } from './copy.ts';
import { deadCode } from './deadCode.ts';
import { decompose } from './decompose.ts';

/** Returns the name of the output that holds the gradient of the state or input `name`. */
export function gradientName(name: string): string {
  return `grad/${name}`;
}

/**
 * Adds an output `grad/<name>` for each name in `wrt`, with the shape of that value.
 * @param loss the name of a float32 output `[]`
 * @param wrt names of float32 state or inputs
 * @throws GraphError if a name is unknown or the loss is not a scalar
 */
export function grad(graph: Graph, loss: string, wrt: readonly string[]): Graph {
  const b = new GraphBuilder(`${graph.name}.gradients`);
  const ruled = withGradientRules(graph);
  const at = copyInto(b, ruled);
  copyResults(b, ruled, at);

  const lossOutput = ruled.outputs.find(({ name }) => name === loss);
  if (!lossOutput) throw new GraphError(`graph "${graph.name}": no output "${loss}" to differentiate`);
  const seed = at(lossOutput.value);
  if (seed.shape.length > 0) {
    throw new GraphError(
      `graph "${graph.name}": "${loss}" must be a scalar [], got ${shapeText(seed.shape)}`,
    );
  }
  const targets = wrt.map((name) => {
    const target = [...ruled.state, ...ruled.inputs].find((entry) => entry.name === name);
    if (!target)
      throw new GraphError(`graph "${graph.name}": no state or input "${name}" to differentiate by`);
    return { name, value: at(target.value) };
  });

  const gradients = backward(b, seed, new Set(targets.map(({ value }) => value.id)));
  for (const { name, value } of targets) {
    b.output(gradientName(name), gradients.get(value.id) ?? b.fill(0, value.shape));
  }
  return deadCode(commonSubexpressions(b.build()));
}

/** Walks the builder's nodes backwards from the loss. @returns the gradient of every value that a gradient reached */
function backward(b: GraphBuilder, loss: Value, targets: ReadonlySet<ValueId>): ReadonlyMap<ValueId, Value> {
  const nodes = [...b.nodes];
  const active = dependents(nodes, targets);
  const gradients = new Map<ValueId, Value>([[loss.id, b.scalar(1)]]);
  for (const node of nodes.toReversed()) {
    const reached = node.outputs.some((value) => gradients.has(value));
    if (!reached || !node.inputs.some((value) => active.has(value))) continue;
    const within = <T>(build: () => T): T => b.within({ layer: node.origin.layer, phase: 'backward' }, build);
    const inputGradients = within(() => applyRule(b, node, gradients));
    node.inputs.forEach((value, i) => {
      const gradient = inputGradients[i];
      if (!gradient || !active.has(value)) return;
      const sum = gradients.get(value);
      gradients.set(value, sum ? within(() => b.op.add(sum, gradient)) : gradient);
    });
  }
  return gradients;
}

function applyRule(
  b: GraphBuilder,
  node: Node,
  gradients: ReadonlyMap<ValueId, Value>,
): readonly (Value | undefined)[] {
  const outputs = node.outputs.map((value) => b.at(value));
  const context = {
    b,
    attrs: node.attrs,
    inputs: node.inputs.map((value) => b.at(value)),
    outputs,
    reached: outputs.map((output) => gradients.has(output.id)),
    outputGradients: outputs.map((output) => gradients.get(output.id) ?? b.fill(0, output.shape)),
  };
  return definitionOf(node.op).gradient?.(context) ?? [];
}

/** Returns the targets and all values computed from them, the only ones that need gradients. */
function dependents(nodes: readonly Node[], targets: ReadonlySet<ValueId>): ReadonlySet<ValueId> {
  const active = new Set(targets);
  for (const node of nodes) {
    if (node.inputs.some((value) => active.has(value))) for (const value of node.outputs) active.add(value);
  }
  return active;
}

/** Decomposes the composites that have no gradient rule. */
function withGradientRules(graph: Graph): Graph {
  return decompose(graph, (node) => {
    const definition = definitionOf(node.op);
    return definition.kind === 'composite' && !definition.gradient;
  });
}
