// Runs a chunked graph on the float64 reference, for tests that compare it with the whole graph.
import type { Along, Chunked, Device, Graph, Tensor, Tensors, TensorType } from '@isonet/core';
import {
  bool,
  chunked,
  defined,
  float32,
  int32,
  sizeOf,
  streamKey,
  typeOf,
  uint32,
  uniformBlock,
} from '@isonet/core';
import { expect } from 'vitest';

/** The result of a run: its outputs, and the state after it. */
export interface Ran {
  readonly outputs: Tensors;
  readonly state: Tensors;
}

export async function runWhole(device: Device, graph: Graph, state: Tensors, feeds: Tensors): Promise<Ran> {
  await using held = await device.createState(state);
  const outputs = await runOn(device, graph, held, feeds);
  return { outputs, state: await held.read() };
}

export async function runChunked(
  device: Device,
  { trips, before, body, after, rows, joined, sums }: Chunked,
  state: Tensors,
  feeds: Tensors,
): Promise<Ran> {
  await using held = await device.createState(state);
  const first = { ...feeds, ...(await runOn(device, before, held, feeds)) };
  const gathered = new Map<string, Tensor[]>();
  for (let trip = 0; trip < trips; trip++) {
    const cut = rows.map(({ name, axis }) => [name, block(tensor(first, name), axis, trips, trip)] as const);
    const given = await runOn(device, body, held, { ...first, ...Object.fromEntries(cut) });
    for (const [name, value] of Object.entries(given))
      gathered.set(name, [...(gathered.get(name) ?? []), value]);
  }
  const parts = (name: string): readonly Tensor[] =>
    defined(gathered.get(name), `output "${name}" of the body`);
  const results = Object.fromEntries([
    ...joined.map(({ name, axis }) => [name, join(parts(name), axis)] as const),
    ...sums.map((name) => [name, sum(parts(name))] as const),
  ]);
  const outputs = await runOn(device, after, held, { ...first, ...results });
  return { outputs, state: await held.read() };
}

type Held = Awaited<ReturnType<Device['createState']>>;

async function runOn(device: Device, graph: Graph, state: Held, feeds: Tensors): Promise<Tensors> {
  await using program = await device.compile(graph);
  const own = graph.inputs.map(({ name }) => [name, tensor(feeds, name)] as const);
  return program.run(state, Object.fromEntries(own)).read();
}

function tensor(tensors: Tensors, name: string): Tensor {
  return defined(tensors[name], `tensor "${name}"`);
}

/** Returns block `trip` along an axis. */
function block(whole: Tensor, axis: number, trips: number, trip: number): Tensor {
  const shape = whole.shape.map((dim, i) => (i === axis ? dim / trips : dim));
  const inner = sizeOf(shape.slice(axis));
  const outer = sizeOf(shape.slice(0, axis));
  const data = whole.data.slice(0, outer * inner);
  for (let i = 0; i < outer; i++) {
    const start = (i * trips + trip) * inner;
    data.set(whole.data.subarray(start, start + inner), i * inner);
  }
  return { dtype: whole.dtype, shape, data } as Tensor;
}

function join(parts: readonly Tensor[], axis: number): Tensor {
  const first = defined(parts[0], 'a part');
  const shape = first.shape.map((dim, i) => (i === axis ? dim * parts.length : dim));
  const inner = sizeOf(first.shape.slice(axis));
  const outer = sizeOf(first.shape.slice(0, axis));
  const numbers = Array.from({ length: outer }, (_, i) =>
    parts.flatMap(({ data }) => Array.from<number>(data.subarray(i * inner, (i + 1) * inner))),
  ).flat();
  const data = first.data.slice(0, 0).constructor as new (values: readonly number[]) => Tensor['data'];
  return { dtype: first.dtype, shape, data: new data(numbers) } as Tensor;
}

function sum(parts: readonly Tensor[]): Tensor {
  const first = defined(parts[0], 'a part');
  const numbers = Array.from<number>(first.data).map((_, i) =>
    parts.reduce((total, { data }) => total + defined<number>(data[i], 'a number'), 0),
  );
  return { dtype: 'float64', shape: first.shape, data: Float64Array.from(numbers) };
}

/** Returns values for a graph's state or inputs, by name. Every label is below 2. */
export function anyValues(graph: Graph, of: 'state' | 'inputs'): Tensors {
  const entries = graph[of].map(({ name, value }) => {
    const type = typeOf(graph, value);
    return [
      name,
      anyTensor(type, Array.from(uniformBlock(7, streamKey(name), 0, 0, sizeOf(type.shape)))),
    ] as const;
  });
  return Object.fromEntries(entries);
}

/** @param draw numbers in [0, 1) */
function anyTensor({ dtype, shape }: TensorType, draw: readonly number[]): Tensor {
  switch (dtype) {
    case 'int32':
      return int32(
        shape,
        draw.map((u) => Math.floor(2 * u)),
      );
    case 'uint32':
      return uint32(
        shape,
        draw.map((_, i) => i + 3),
      );
    case 'bool':
      return bool(
        shape,
        draw.map(() => false),
      );
    default:
      // Scalars are rates, which must be positive.
      return float32(
        shape,
        draw.map((u) => (shape.length === 0 ? u + 0.1 : u - 0.5)),
      );
  }
}

/** The state and feeds of a run. Default: {@link anyValues}. */
export interface Given {
  readonly state?: Tensors;
  readonly feeds?: Tensors;
}

/** Splits a graph into chunks, and expects the same results as for the whole graph. */
export async function expectSame(
  device: Device,
  graph: Graph,
  axes: Readonly<Record<string, number>>,
  images: number,
  given: Given = {},
): Promise<Chunked> {
  const parts = defined(chunked(graph, axes, images), `chunks of ${images} images of "${graph.name}"`);
  await expectEqual(device, graph, parts, given);
  return parts;
}

/** Expects a chunked graph to compute the same results as the whole graph. @returns the run of the whole graph */
export async function expectEqual(
  device: Device,
  graph: Graph,
  parts: Chunked,
  given: Given = {},
): Promise<Ran> {
  const { state = anyValues(graph, 'state'), feeds = anyValues(graph, 'inputs') } = given;
  const whole = await runWhole(device, graph, state, feeds);
  const split = await runChunked(device, parts, state, feeds);
  expect(Object.keys(split.outputs)).toEqual(Object.keys(whole.outputs));
  for (const kind of ['outputs', 'state'] as const) {
    for (const [name, expected] of Object.entries(whole[kind])) {
      expect([name, difference(expected, tensor(split[kind], name))]).toEqual([
        name,
        expect.toSatisfy(isSmall),
      ]);
    }
  }
  return whole;
}

const isSmall = (value: unknown): boolean => typeof value === 'number' && value <= 1e-12;

/** Returns the largest difference, relative to the largest value; infinite if shapes or non-finite values differ. */
function difference(a: Tensor, b: Tensor): number {
  if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape)) return Infinity;
  const [x, y] = [Array.from<number>(a.data), Array.from<number>(b.data)];
  const scale = x.filter(Number.isFinite).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  const each = x.map((value, i) => {
    const other = defined(y[i], `number ${i}`);
    return Object.is(value, other) ? 0 : Math.abs(value - other) / scale;
  });
  return each.reduce((most, next) => (Number.isNaN(next) ? Infinity : Math.max(most, next)), 0);
}

/** Returns the axes of a list, by name. */
export function alongs(list: readonly Along[]): Readonly<Record<string, number>> {
  return Object.fromEntries(list.map(({ name, axis }) => [name, axis]));
}
