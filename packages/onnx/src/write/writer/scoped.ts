// A writer for a graph that can read the values of an outer graph: the body of a loop, or the graph after it. Constants
// and conversions of an outer value (to a form, to all dims) are written once, in the outer graph.
import type { Graph, Node, NodeOf, Tensor, ValueId } from '@isonet/core';
import { staticDims } from './dims.ts';
import type { Form, Padding } from './forms.ts';
import type { Names } from './names.ts';
import type { Written } from './pointwise.ts';
import { Writer } from './writer.ts';

export class ScopedWriter extends Writer {
  readonly #outer: Writer;
  readonly #values: ReadonlyMap<ValueId, ValueId>;

  /** @param values the values of the outer graph, by the values of this graph that represent them */
  constructor(
    graph: Graph,
    valueNames: Names,
    nodeNames: Names,
    outer: Writer,
    values: ReadonlyMap<ValueId, ValueId>,
  ) {
    super(graph, staticDims(graph), valueNames, nodeNames);
    this.#outer = outer;
    this.#values = values;
  }

  override begin(node: Node | undefined): void {
    super.begin(node);
    this.#outer.begin(node);
  }

  override operand(value: ValueId): Written {
    const outside = this.#values.get(value);
    return outside === undefined ? super.operand(value) : this.#outer.operand(outside);
  }

  override full(value: ValueId): string {
    const outside = this.#values.get(value);
    return outside === undefined ? super.full(value) : this.#outer.full(outside);
  }

  override inForm(value: ValueId, form: Form, needs: Padding): string {
    const outside = this.#values.get(value);
    return outside === undefined
      ? super.inForm(value, form, needs)
      : this.#outer.inForm(outside, form, needs);
  }

  override hasForm(value: ValueId, form: Form, needs: Padding = 'any'): boolean {
    const outside = this.#values.get(value);
    return outside === undefined
      ? super.hasForm(value, form, needs)
      : this.#outer.hasForm(outside, form, needs);
  }

  override once(value: ValueId, what: string, make: (writer: Writer, value: ValueId) => string): string {
    const outside = this.#values.get(value);
    return outside === undefined ? super.once(value, what, make) : this.#outer.once(outside, what, make);
  }

  override weight(name: string, data: Tensor): string {
    return this.#outer.weight(name, data);
  }

  override constant(data: Tensor): string {
    return this.#outer.constant(data);
  }

  override int64(values: readonly number[]): string {
    return this.#outer.int64(values);
  }

  override uniform(node: NodeOf<'randomUniform'>): string {
    const [key] = node.inputs;
    return this.#outer.uniform({ ...node, inputs: [this.#values.get(key) ?? key] });
  }
}
