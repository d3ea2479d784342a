// Batch analysis: the coupling of a batch's images in every value of a graph. It is used to export graphs for
// any batch size and to run a batch in chunks.
import { defined, GraphError } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { typeOf, typesOf } from '../graph/typeOf.ts';
import type { Coupling } from '../ops/coupling.ts';
import { definitionOf } from '../ops/table.ts';
import { dimOf } from '../tensor.ts';

/**
 * Returns a function that maps each value of the graph to its coupling. Inputs outside `axes`, state and
 * constants depend on no image.
 * @param axes the inputs that carry the batch, with the batch axis of each: `{ images: 0, labels: 0 }`
 * @throws GraphError if `axes` is empty, an input does not exist, or two inputs have different numbers of
 * images
 */
export function batchOf(graph: Graph, axes: Readonly<Record<string, number>>): (value: ValueId) => Coupling {
  const images = imagesOf(graph, axes);
  const carriers = new Map(Object.entries(axes));
  const inputs = graph.inputs.map(({ name }): Coupling => {
    const axis = carriers.get(name);
    return axis === undefined ? 'none' : { axis };
  });
  return couplingsOf(graph, inputs, images);
}

/** Returns the number of images in the inputs. @throws the errors of {@link batchOf} */
export function imagesOf(graph: Graph, axes: Readonly<Record<string, number>>): number {
  const fail = (message: string): GraphError => new GraphError(`graph "${graph.name}": ${message}`);
  const sizes = Object.entries(axes).map(([name, axis]) => {
    const input = graph.inputs.find((entry) => entry.name === name);
    if (!input) throw fail(`no input "${name}" to carry a batch`);
    return { name, size: dimOf(typeOf(graph, input.value).shape, axis) };
  });
  const [first] = sizes;
  if (!first) throw fail('expected an input that carries the batch, got none');
  const other = sizes.find(({ size }) => size !== first.size);
  if (other) throw fail(`"${first.name}" has ${first.size} images, "${other.name}" has ${other.size}`);
  return first.size;
}

/** @param inputs the couplings of the graph's inputs, in order */
export function couplingsOf(
  graph: Graph,
  inputs: readonly Coupling[],
  images: number,
): (value: ValueId) => Coupling {
  const couplings = new Map<ValueId, Coupling>();
  const known = (coupling: Coupling | undefined, value: ValueId): Coupling =>
    defined(coupling, `graph "${graph.name}": the coupling of %${value}`);
  const at = (value: ValueId): Coupling => known(couplings.get(value), value);
  graph.inputs.forEach(({ value }, i) => couplings.set(value, known(inputs[i], value)));
  for (const { value } of [...graph.state, ...graph.constants]) couplings.set(value, 'none');
  for (const node of graph.nodes) {
    const outputs = throughNode(graph, node, node.inputs.map(at), images);
    node.outputs.forEach((value, i) => couplings.set(value, known(outputs[i], value)));
  }
  return at;
}

/**
 * Derives the couplings of a node's outputs from those of its inputs. A composite is analyzed through its
 * decomposition.
 */
export function throughNode(
  graph: Graph,
  node: Node,
  inputs: readonly Coupling[],
  images: number,
): readonly Coupling[] {
  const definition = definitionOf(node.op);
  const types = typesOf(graph, node.inputs);
  if (definition.kind === 'primitive') return definition.batch(inputs, node.attrs, types, images);
  const b = new GraphBuilder(node.op);
  const operands = types.map((type, i) => b.input(`${i}`, type));
  definition.decompose(b, operands, node.attrs).forEach((value, i) => b.output(`${i}`, value));
  const parts = b.build();
  const at = couplingsOf(parts, inputs, images);
  return parts.outputs.map(({ value }) => at(value));
}
