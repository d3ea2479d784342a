// A section of a graph: some of the graph's nodes as a separate graph, which is fed the values that the other nodes
// would compute.
import type { Graph, Node, Tensor, Value, ValueId } from '@isonet/core';
import { deadCode, defined, GraphBuilder, GraphError, nodeText, typeOf } from '@isonet/core';

/** Some nodes of a graph, and which of their results are read. */
export interface Part {
  /** Indices of `graph.nodes`, ascending. */
  readonly nodes: readonly number[];
  readonly reads: readonly ValueId[];
}

/** A part as a separate graph. */
export interface Section {
  /** Its value ids differ from those of the whole graph. */
  readonly graph: Graph;
  /** The values of the whole graph that the section is fed, in addition to the graph's inputs and state. */
  readonly borders: readonly ValueId[];
  /** The values of the whole graph that the section outputs. */
  readonly reads: readonly ValueId[];
}

interface SectionOptions {
  /** Values that are fed although the part computes them. */
  readonly fed?: ReadonlySet<ValueId>;
  /**
   * Returns the name of a border as an input of the section, or of a read value as an output. Default:
   * {@link valueName}.
   */
  readonly nameOf?: (value: ValueId) => string;
}

/** `%12` */
export function valueName(value: ValueId): string {
  return `%${value}`;
}

/**
 * Builds a graph from the part. The inputs and state that the part uses keep their names, and constants remain
 * constants. Every other value that it uses but does not compute becomes an input, and every value that is read
 * becomes an output.
 */
export function section(
  graph: Graph,
  { nodes, reads }: Part,
  { fed = new Set(), nameOf = valueName }: SectionOptions = {},
): Section {
  const b = new GraphBuilder(graph.name);
  const computed = new Map<ValueId, Value>();
  const outside = new Outside(b, graph, nameOf);
  const at = (value: ValueId): Value =>
    (fed.has(value) ? undefined : computed.get(value)) ?? outside.at(value);
  for (const index of nodes) {
    const node = nodeAt(graph, index);
    const outputs = b.within(node.origin, () => b.emit(node.op, node.inputs.map(at), node.attrs));
    node.outputs.forEach((value, i) =>
      computed.set(value, defined(outputs[i], `output ${i} of ${nodeText(node)}`)),
    );
  }
  for (const value of reads) b.output(nameOf(value), defined(computed.get(value), `%${value} of this part`));
  return { graph: deadCode(b.build()), borders: outside.borders, reads };
}

/** Declares the values that a part uses but does not compute, each on first use. */
class Outside {
  readonly borders: ValueId[] = [];
  readonly #b: GraphBuilder;
  readonly #graph: Graph;
  readonly #nameOf: (value: ValueId) => string;
  readonly #inputs: ReadonlyMap<ValueId, string>;
  readonly #state: ReadonlyMap<ValueId, string>;
  readonly #constants: ReadonlyMap<ValueId, Tensor>;
  readonly #declared = new Map<ValueId, Value>();

  constructor(b: GraphBuilder, graph: Graph, nameOf: (value: ValueId) => string) {
    this.#b = b;
    this.#graph = graph;
    this.#nameOf = nameOf;
    this.#inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
    this.#state = new Map(graph.state.map(({ name, value }) => [value, name]));
    this.#constants = new Map(graph.constants.map(({ value, data }) => [value, data]));
  }

  at(value: ValueId): Value {
    const found = this.#declared.get(value) ?? this.#declare(value);
    this.#declared.set(value, found);
    return found;
  }

  #declare(value: ValueId): Value {
    const b = this.#b;
    const type = typeOf(this.#graph, value);
    const input = this.#inputs.get(value);
    if (input !== undefined) return b.input(input, type);
    const entry = this.#state.get(value);
    if (entry !== undefined) return b.state(entry, type);
    const data = this.#constants.get(value);
    if (!data) {
      this.borders.push(value);
      return b.input(this.#nameOf(value), type);
    }
    const single = data.dtype === 'float32' && data.shape.length === 0 ? data.data[0] : undefined;
    return single === undefined ? b.constant(data) : b.scalar(single);
  }
}

/** @throws GraphError if the graph has no such node */
export function nodeAt(graph: Graph, index: number): Node {
  const node = graph.nodes[index];
  if (!node) throw new GraphError(`graph "${graph.name}": no node ${index} (it has ${graph.nodes.length})`);
  return node;
}
