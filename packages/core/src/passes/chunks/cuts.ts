// Cuts: the axis along which each operand of a node is split when the node computes a part of the batch. An operand that
// carries images is split along their axis. For an operand that depends on no image (e.g. a per-image mask or a filter), the
// op's batch rule decides: if images along one of its axes would stay separate, it is split there; otherwise
// it is used in full.
import { ShapeError } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Node, ValueId } from '../../graph/graph.ts';
import { typeOf, typesOf } from '../../graph/typeOf.ts';
import type { Coupling } from '../../ops/coupling.ts';
import type { Attrs } from '../../ops/signatures.ts';
import { definitionOf } from '../../ops/table.ts';
import type { TensorType } from '../../tensor.ts';
import { sameType } from '../../tensor.ts';
import { couplingsOf, throughNode } from '../batch.ts';
import { decompose } from '../decompose.ts';
import type { Batched } from './batch.ts';
import { attrsFor, blockAxes, blockType } from './batch.ts';

/** The axis of each operand; undefined if it is used in full. */
export type Cuts = readonly (number | undefined)[];

/**
 * Returns the cuts of a node whose outputs keep images separate: split operands produce split outputs. Returns undefined if a
 * part would need more than a change of shapes. For example, a group norm with images along the channels has fewer groups in a
 * part.
 */
export function rowCuts(batch: Batched, node: Node): Cuts | undefined {
  const known = node.outputs.map(batch.coupling);
  const apart = (inputs: readonly Coupling[]): boolean => {
    const outputs = couplingsAfter(batch, node, inputs);
    return known.every((coupling, i) => sameCoupling(coupling, outputs[i]));
  };
  const inputs = withBlocks(batch, node, apart);
  return isWholeInParts(batch, node, inputs) ? cutsOf(inputs) : undefined;
}

/**
 * Returns the cuts of a node that sums over images, so that its results for the parts add up to the whole; otherwise undefined.
 */
export function sumCuts(batch: Batched, node: Node): Cuts | undefined {
  const definition = definitionOf(node.op);
  if (definition.kind === 'composite') return undefined;
  const adds = (inputs: readonly Coupling[]): boolean => definition.addsUp?.(inputs, node.attrs) === true;
  const inputs = withBlocks(batch, node, adds);
  return adds(inputs) ? cutsOf(inputs) : undefined;
}

/** A node and its cuts, to recompute an image-independent value at the size of a part. */
export interface Refill {
  readonly node: Node;
  readonly cuts: Cuts;
}

/**
 * Returns a lookup for recomputing a value that repeats along an axis (e.g. zeros per image, or a function of such values) at a
 * shorter length. The lookup returns undefined if the value is not known to repeat.
 */
export function refillsOf(batch: Batched): (value: ValueId, axis: number) => Refill | undefined {
  const known = new Map<string, Refill | undefined>();
  const refillOf = (value: ValueId, axis: number): Refill | undefined => {
    const key = `${value}/${axis}`;
    if (!known.has(key)) known.set(key, find(value, axis));
    return known.get(key);
  };
  const find = (value: ValueId, axis: number): Refill | undefined => {
    const node = batch.makerOf(value);
    if (node?.outputs.length !== 1 || !node.inputs.every((input) => batch.coupling(input) === 'none'))
      return undefined;
    if (node.op === 'broadcast') {
      const { shape } = typeOf(batch.graph, node.inputs[0]);
      if (shape.length === 0 || shape[axis] === 1) return { node, cuts: [undefined] };
    }
    const cuts = refillCuts(batch, node, axis).find((each) =>
      node.inputs.every((input, i) => {
        const at = each[i];
        return at === undefined || refillOf(input, at) !== undefined;
      }),
    );
    return cuts && { node, cuts };
  };
  return refillOf;
}

/** Returns the cuts of image-independent operands that split the result along an axis. */
function refillCuts(batch: Batched, node: Node, axis: number): readonly Cuts[] {
  const along = new Set(node.inputs.flatMap((input) => blockAxes(batch, input)));
  return [...along]
    .map((at) => node.inputs.map((input) => (blockAxes(batch, input).includes(at) ? at : undefined)))
    .filter((cuts) => {
      const inputs = cuts.map((at): Coupling => (at === undefined ? 'none' : { axis: at }));
      return (
        sameCoupling({ axis }, couplingsAfter(batch, node, inputs)[0]) && isWholeInParts(batch, node, inputs)
      );
    });
}

/** Returns the couplings of a node's inputs. Each image-independent input is assigned a batch axis if `accept` allows one. */
function withBlocks(
  batch: Batched,
  node: Node,
  accept: (inputs: readonly Coupling[]) => boolean,
): readonly Coupling[] {
  const known: readonly Coupling[] = node.inputs.map(batch.coupling);
  return node.inputs.reduce<readonly Coupling[]>((inputs, value, i) => {
    if (inputs[i] !== 'none') return inputs;
    const tried = blockAxes(batch, value).map((axis) => inputs.with(i, { axis }));
    return tried.find(accept) ?? inputs;
  }, known);
}

/**
 * Returns true if a node with split operands computes, step by step, parts of the results that it computes
 * for unsplit operands.
 */
function isWholeInParts({ graph, images, trips }: Batched, node: Node, inputs: readonly Coupling[]): boolean {
  const types = typesOf(graph, node.inputs);
  const cuts = cutsOf(inputs);
  const outputs = typesOf(graph, node.outputs);
  const ofOutputs = cutsOf(throughNode(graph, node, inputs, images));
  const whole = stepsOf(node, types, node.attrs);
  const attrs = attrsFor(
    node,
    outputs.map((type, i) => blockType(type, ofOutputs[i], trips)),
  );
  const part = stepsOf(
    node,
    types.map((type, i) => blockType(type, cuts[i], trips)),
    attrs,
  );
  if (whole?.values.length !== part?.values.length || !whole || !part) return false;
  const at = couplingsOf(whole, inputs, images);
  return whole.values.every((type, value) => {
    const coupling = at(value);
    // Image-independent values may have any shape, e.g. zeros per image.
    return (
      coupling === 'none' || sameType(blockType(type, cutsOf([coupling])[0], trips), typeOf(part, value))
    );
  });
}

/** Decomposes a node into primitives; returns undefined if the types do not fit. */
function stepsOf(node: Node, types: readonly TensorType[], attrs: Attrs): Graph | undefined {
  const b = new GraphBuilder(node.op);
  const operands = types.map((type, i) => b.input(`${i}`, type));
  try {
    b.emit(node.op, operands, attrs).forEach((value, i) => b.output(`${i}`, value));
    return decompose(b.build(), () => true);
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

function couplingsAfter(
  { graph, images }: Batched,
  node: Node,
  inputs: readonly Coupling[],
): readonly Coupling[] {
  return throughNode(graph, node, inputs, images);
}

function cutsOf(inputs: readonly Coupling[]): Cuts {
  return inputs.map((input) => (typeof input === 'object' ? input.axis : undefined));
}

function sameCoupling(a: Coupling, b: Coupling | undefined): boolean {
  if (typeof a === 'object' && typeof b === 'object') return a.axis === b.axis;
  return a === b;
}
