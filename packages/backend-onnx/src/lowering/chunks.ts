// Splits a graph into chunks of its batch, so that the values of a chunk stay in the processor's cache, unless chunks would cost more
// than they save.
import type { Chunked, Graph, Shape, ValueId } from '@isonet/core';
import { chunked, sizeOf, typeOf } from '@isonet/core';

/**
 * The maximum size in bytes of a chunk's largest value. In measurements, the best size is close to that of a core's
 * cache.
 */
const MAX_VALUE_BYTES = 1.5 * 2 ** 20;
/**
 * The maximum ratio of the bytes of the weights and their gradients to all bytes that an iteration computes. Every
 * iteration reads all weights and adds to all of their gradients, no matter how small its chunk is.
 */
const MAX_WHOLE_SHARE = 1 / 8;

const BYTES = 4;

/** Splits a graph. @returns undefined if the graph should run as a whole */
export function chunksOf(graph: Graph): Chunked | undefined {
  const axes = batchAxes(graph);
  if (axes === undefined) return undefined;
  const [images] = Object.keys(axes).map((name) => batchOf(graph, name));
  if (images === undefined) return undefined;
  const largest = Math.max(...graph.values.map(({ shape }) => bytesOf(shape)));
  const most = Math.floor((MAX_VALUE_BYTES * images) / largest);
  if (most >= images) return undefined;
  const size = divisorOf(images, most);
  if (size < 2 || !mayPay(graph, size / images)) return undefined;
  const chunks = chunked(graph, axes, size);
  return chunks && pays(chunks) ? chunks : undefined;
}

/** Returns false if filters and their gradients alone exceed the share. This check avoids splitting the graph in vain. */
function mayPay(graph: Graph, share: number): boolean {
  const filters = graph.nodes.flatMap((node): readonly ValueId[] => {
    if (node.op === 'conv2d') return [node.inputs[1]];
    return node.op === 'conv2dGradFilter' ? node.outputs : [];
  });
  return bytesOfValues(graph, filters) < bytesOfNodes(graph) * share * MAX_WHOLE_SHARE;
}

function pays({ body, sums }: Chunked): boolean {
  const whole = [...body.state, ...body.outputs.filter(({ name }) => sums.includes(name))];
  const values = whole.map(({ value }) => value);
  return bytesOfValues(body, values) < bytesOfNodes(body) * MAX_WHOLE_SHARE;
}

/** Returns the total size in bytes of the values that nodes compute. */
function bytesOfNodes(graph: Graph): number {
  return bytesOfValues(
    graph,
    graph.nodes.flatMap(({ outputs }): readonly ValueId[] => outputs),
  );
}

function bytesOfValues(graph: Graph, values: readonly ValueId[]): number {
  return values.reduce((bytes, value) => bytes + bytesOf(typeOf(graph, value).shape), 0);
}

/** Returns the inputs that carry the batch on their first axis; undefined if their first axes differ. */
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

/** Returns the largest divisor of a count up to a limit. */
function divisorOf(count: number, limit: number): number {
  for (let size = Math.max(1, limit); size > 1; size--) {
    if (count % size === 0) return size;
  }
  return 1;
}

function bytesOf(shape: Shape): number {
  return sizeOf(shape) * BYTES;
}
