// Builds the body of a chunked graph, which computes one chunk. It maps blocks and unsplit values to blocks
// and sums.
import { defined, GraphError } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Node, ValueId } from '../../graph/graph.ts';
import { nodeText } from '../../graph/print.ts';
import { typeOf } from '../../graph/typeOf.ts';
import type { Value } from '../../graph/value.ts';
import type { TensorType } from '../../tensor.ts';
import { sameType, typeText } from '../../tensor.ts';
import type { Batched } from './batch.ts';
import { attrsFor, axisOf, blockType } from './batch.ts';
import type { Cuts } from './cuts.ts';
import { refillsOf, rowCuts, sumCuts } from './cuts.ts';
import { copyLeaf } from './leaves.ts';
import type { Names } from './names.ts';
import type { Place } from './places.ts';
import { inBody } from './places.ts';

/** A tensor that each trip reads or writes in blocks, and the axis of the blocks. */
export interface Along {
  readonly name: string;
  readonly axis: number;
}

export interface Body {
  readonly graph: Graph;
  readonly rows: readonly Along[];
  readonly joined: readonly Along[];
  readonly sums: readonly string[];
  /**
   * The values that must be computed before the body, by input name: the body's inputs that are not inputs of
   * the original graph.
   */
  readonly wanted: ReadonlyMap<string, ValueId>;
}

/**
 * Builds the body.
 * @param results the values that are needed after the body
 */
export function bodyOf(
  batch: Batched,
  at: (node: Node) => Place,
  names: Names,
  results: readonly ValueId[],
): Body {
  const { graph, trips } = batch;
  const b = new GraphBuilder(`${graph.name}.chunk`);
  const refillOf = refillsOf(batch);
  const rows: Along[] = [];
  const wanted = new Map<string, ValueId>();
  const computed = new Map<ValueId, Value>();
  const taken = new Map<string, Value>();

  const expected = (value: ValueId, axis: number | undefined): TensorType => {
    return blockType(typeOf(graph, value), axis, trips);
  };
  const input = (value: ValueId, axis: number | undefined): Value => {
    const name = names.inputOf(value, axis) ?? names.valueName(value, axis);
    if (names.inputOf(value, axis) === undefined) wanted.set(name, value);
    if (axis !== undefined) rows.push({ name, axis });
    return b.input(name, expected(value, axis));
  };
  const emit = (node: Node, cuts: Cuts, axes: Cuts): readonly Value[] => {
    const inputs = node.inputs.map((value, i) => take(value, cuts[i]));
    const types = node.outputs.map((value, i) => expected(value, axes[i]));
    const outputs = b.within(node.origin, () => b.emit(node.op, inputs, attrsFor(node, types)));
    outputs.forEach((output, i) => {
      const type = defined(types[i], `output ${i} of ${nodeText(node)}`);
      if (!sameType(output, type)) {
        throw new GraphError(
          `graph "${graph.name}": ${nodeText(node)} of one chunk returns ${typeText(output)}, expected ${typeText(type)}`,
        );
      }
    });
    return outputs;
  };
  /** Returns a value within the chunk: a block along the axis, or the whole value. */
  const take = (value: ValueId, axis: number | undefined): Value => {
    const own = computed.get(value);
    if (own) return own;
    const key = names.valueName(value, axis);
    const known = taken.get(key);
    if (known) return known;
    const refill = axis === undefined ? undefined : refillOf(value, axis);
    const made = refill
      ? defined(emit(refill.node, refill.cuts, [axis])[0], `the output of ${nodeText(refill.node)}`)
      : ((axis === undefined ? copyLeaf(b, graph, value) : undefined) ?? input(value, axis));
    taken.set(key, made);
    return made;
  };

  for (const node of graph.nodes.filter((each) => inBody(at(each)))) {
    const cuts = at(node) === 'sums' ? sumCuts(batch, node) : rowCuts(batch, node);
    const outputs = emit(
      node,
      defined(cuts, `the cuts of ${nodeText(node)}`),
      node.outputs.map((value) => axisOf(batch, value)),
    );
    node.outputs.forEach((value, i) =>
      computed.set(value, defined(outputs[i], `output ${i} of ${nodeText(node)}`)),
    );
  }
  const joined: Along[] = [];
  const sums: string[] = [];
  for (const value of results) {
    const [name, axis] = [names.valueName(value), axisOf(batch, value)];
    b.output(name, defined(computed.get(value), `graph "${graph.name}": %${value} of a chunk`));
    if (axis === undefined) sums.push(name);
    else joined.push({ name, axis });
  }
  return { graph: b.build(), rows, joined, sums, wanted };
}
