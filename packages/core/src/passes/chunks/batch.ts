// A graph with what is known of its batch: what the parts of this pass share.
import type { Graph, Node, ValueId } from '../../graph/graph.ts';
import { typeOf } from '../../graph/typeOf.ts';
import type { Coupling } from '../../ops/coupling.ts';
import type { TensorType } from '../../tensor.ts';
import type { Attrs } from '../../ops/signatures.ts';
import { definitionOf } from '../../ops/table.ts';
import { batchOf, imagesOf } from '../batch.ts';

export interface Batched {
  readonly graph: Graph;
  /** How many images the batch has. */
  readonly images: number;
  /** Into how many chunks it is split. */
  readonly trips: number;
  readonly axes: Readonly<Record<string, number>>;
  readonly coupling: (value: ValueId) => Coupling;
  /** The node that computes a value; undefined for inputs, state and constants. */
  readonly makerOf: (value: ValueId) => Node | undefined;
}

/**
 * @param images in a chunk
 * @returns undefined where chunks of this size do not make up the batch
 * @throws GraphError as {@link batchOf}
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

/** The axis along which the images lie in a value; undefined where they do not lie apart. */
export function axisOf({ coupling }: Batched, value: ValueId): number | undefined {
  const known = coupling(value);
  return typeof known === 'object' ? known.axis : undefined;
}

/** The type of one of `trips` equal blocks along an axis; undefined: of the whole. `[8, 3], axis 0, 4 trips -> [2, 3]` */
export function blockType({ dtype, shape }: TensorType, axis: number | undefined, trips: number): TensorType {
  return { dtype, shape: shape.map((dim, i) => (i === axis ? dim / trips : dim)) };
}

/** A node's attributes where its outputs have these types: the list that is its result's shape follows. */
export function attrsFor({ op, attrs }: Node, [type]: readonly TensorType[]): Attrs {
  const { resultShape } = definitionOf(op);
  return resultShape === undefined || type === undefined ? attrs : { ...attrs, [resultShape]: type.shape };
}

/** The axes of a value that are long enough for a block per image. */
export function blockAxes({ graph, images }: Batched, value: ValueId): readonly number[] {
  return typeOf(graph, value).shape.flatMap((dim, axis) => (dim % images === 0 ? [axis] : []));
}
