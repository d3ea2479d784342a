// How a graph is cut into chunks of its batch: so that what a chunk computes stays in the processor's cache, where chunks do not cost
// more than that saves.
import type { Chunked, Graph, Shape } from '@isonet/core';
import { chunked, sizeOf, typeOf } from '@isonet/core';

/** Bytes of the largest value of a chunk, of which an operator reads and writes several: measured best near the size of a core's cache. */
const LARGEST = 1.5 * 2 ** 20;
/** What is added up in each trip is read and written in each: at most this share of what the trip computes. */
const SUMS = 1 / 8;

const BYTES = 4;

/** @returns undefined where the graph runs whole */
export function chunksOf(graph: Graph): Chunked | undefined {
  const axes = batchAxes(graph);
  if (axes === undefined) return undefined;
  const [images] = Object.keys(axes).map((name) => batchOf(graph, name));
  if (images === undefined) return undefined;
  const largest = Math.max(...graph.values.map(({ shape }) => bytesOf(shape)));
  const most = Math.floor((LARGEST * images) / largest);
  if (most >= images) return undefined;
  const size = divisorOf(images, most);
  if (size < 2) return undefined;
  const chunks = chunked(graph, axes, size);
  return chunks && pays(chunks) ? chunks : undefined;
}

function pays({ body, sums }: Chunked): boolean {
  const summed = body.outputs.filter(({ name }) => sums.includes(name));
  const added = summed.reduce((bytes, { value }) => bytes + bytesOf(typeOf(body, value).shape), 0);
  const computed = body.nodes
    .flatMap(({ outputs }) => outputs)
    .reduce((bytes, value) => bytes + bytesOf(typeOf(body, value).shape), 0);
  return added < computed * SUMS;
}

/** The inputs that may carry the batch: tensors of one first axis. Undefined where they disagree. */
function batchAxes(graph: Graph): Readonly<Record<string, number>> | undefined {
  const carriers = graph.inputs.filter(({ value }) => {
    const { dtype, shape } = typeOf(graph, value);
    return shape.length > 0 && dtype !== 'uint32';
  });
  const sizes = new Set(carriers.map(({ name }) => batchOf(graph, name)));
  return sizes.size === 1 ? Object.fromEntries(carriers.map(({ name }) => [name, 0])) : undefined;
}

function batchOf(graph: Graph, name: string): number | undefined {
  const input = graph.inputs.find((entry) => entry.name === name);
  return input && typeOf(graph, input.value).shape[0];
}

/** The largest divisor up to a limit. */
function divisorOf(count: number, limit: number): number {
  for (let size = Math.max(1, limit); size > 1; size--) {
    if (count % size === 0) return size;
  }
  return 1;
}

function bytesOf(shape: Shape): number {
  return sizeOf(shape) * BYTES;
}
