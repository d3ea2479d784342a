// A graph with its batch analysis, shared by all parts of this pass.
import type { Graph, Node, ValueId } from '../../graph/graph.ts';
import { typeOf } from '../../graph/typeOf.ts';
import type { Coupling } from '../../ops/coupling.ts';
import type { TensorType } from '../../tensor.ts';
import type { Attrs } from '../../ops/signatures.ts';
import { definitionOf } from '../../ops/table.ts';
import { batchOf, imagesOf } from '../batch.ts';

export interface Batched {
  readonly graph: Graph;
  /** The number of images in the batch. */
  readonly images: number;
  /** The number of chunks. */
  readonly trips: number;
  readonly axes: Readonly<Record<string, number>>;
  readonly coupling: (value: ValueId) => Coupling;
  /** The node that computes a value; undefined for inputs, state and constants. */
  readonly makerOf: (value: ValueId) => Node | undefined;
}

/**
 * Analyzes the batch of a graph.
 * @param images the number of images in a chunk
 * @returns undefined if the chunk size does not divide the batch
 * @throws GraphError under the conditions of {@link batchOf}
 */
export function batched(
  graph: Graph,
  axes: Readonly<Record<string, number>>,
  images: number,
): Batched | undefined {
  const all = imagesOf(graph, axes);
  if (all % images !== 0) return undefined;
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  return {
    graph,
    images: all,
    trips: all / images,
    axes,
    coupling: batchOf(graph, axes),
    makerOf: (value) => makers.get(value),
  };
}

/** Returns the batch axis of a value; undefined if its images are not separate. */
export function axisOf({ coupling }: Batched, value: ValueId): number | undefined {
  const known = coupling(value);
  return typeof known === 'object' ? known.axis : undefined;
}

/**
 * Returns the type of one of `trips` equal blocks along an axis, or of the whole value if the axis is undefined. `[8, 3], axis
 * 0, 4 trips -> [2, 3]`
 */
export function blockType({ dtype, shape }: TensorType, axis: number | undefined, trips: number): TensorType {
  return { dtype, shape: shape.map((dim, i) => (i === axis ? dim / trips : dim)) };
}

/** Returns a node's attributes for outputs of these types: adapts the attribute that holds the result's shape, if any. */
export function attrsFor({ op, attrs }: Node, [type]: readonly TensorType[]): Attrs {
  const { resultShape } = definitionOf(op);
  return resultShape === undefined || type === undefined ? attrs : { ...attrs, [resultShape]: type.shape };
}

/** Returns the axes of a value that can be divided into one block per image. */
export function blockAxes({ graph, images }: Batched, value: ValueId): readonly number[] {
  return typeOf(graph, value).shape.flatMap((dim, axis) => (dim % images === 0 ? [axis] : []));
}
