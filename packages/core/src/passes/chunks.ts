// Rewrites a graph over a batch as a loop over chunks that fit in a cache. Values that depend on single images are computed
// chunk by chunk, sums over the batch accumulate across chunks, and everything else is computed once, before or after the loop.
import { defined, GraphError } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { batched } from './chunks/batch.ts';
import type { Along } from './chunks/body.ts';
import { bodyOf } from './chunks/body.ts';
import { copyNodes, neededNodes } from './chunks/ends.ts';
import type { Names } from './chunks/names.ts';
import { namesOf } from './chunks/names.ts';
import type { Place } from './chunks/places.ts';
import { inBody, placesOf } from './chunks/places.ts';
import { copyResults } from './copy.ts';
import { deadCode } from './deadCode.ts';

export type { Along } from './chunks/body.ts';

/**
 * A graph split into three that run in sequence: `before` once, `body` once per chunk, `after` once.
 *
 * A name refers to the same tensor in all three graphs: an input of the whole graph, an output of `before`, or a joined or
 * summed output of `body`. `after` has the outputs and updates of the whole graph. Each graph declares the inputs and the state
 * that it reads; only `after` has updates.
 */
export interface Chunked {
  /** The number of times the body runs. */
  readonly trips: number;
  readonly before: Graph;
  readonly body: Graph;
  readonly after: Graph;
  /**
   * The body's sliced inputs: trip t receives block t of `trips` equal blocks along the axis. All other
   * inputs are passed in full.
   */
  readonly rows: readonly Along[];
  /** The body's sliced outputs: trip t computes block t. */
  readonly joined: readonly Along[];
  /** The body's float32 outputs that are summed over the trips, in order, starting from 0. */
  readonly sums: readonly string[];
}

/**
 * Splits a graph into chunks of `images` images. The results equal those of the whole graph except for the order of sums: each
 * chunk is summed first, then the chunks in order, so runs are bit-reproducible. Random numbers are drawn once for the whole
 * batch, with the same bits.
 *
 * Returns undefined if `images` does not divide the batch, or if chunking does not help. It does not help if
 * no convolution or matrix product treats images separately, or if one still works per image after the images
 * are mixed (e.g. by batch norm in training mode).
 * @param axes the inputs that carry the batch, with the batch axis of each: `{ images: 0, labels: 0 }`
 * @throws GraphError if `images` is not an integer of at least 1, an input of `axes` does not exist, or two inputs have
 * different numbers of images
 */
export function chunked(
  graph: Graph,
  axes: Readonly<Record<string, number>>,
  images: number,
): Chunked | undefined {
  if (!Number.isInteger(images) || images < 1) {
    throw new GraphError(`graph "${graph.name}": expected chunks of at least 1 image, got ${images}`);
  }
  const whole = deadCode(graph);
  const batch = batched(whole, axes, images);
  const at = batch && placesOf(batch);
  if (!at) return undefined;
  const names = namesOf(batch);

  const results = [...whole.outputs, ...whole.updates].map(({ value }) => value);
  const late = whole.nodes.filter((node) => at(node) === 'after');
  const read = new Set([...results, ...late.flatMap(({ inputs }): readonly ValueId[] => inputs)]);
  const readFrom = (place: (of: Place) => boolean): readonly ValueId[] =>
    [...read].filter((value) => {
      const maker = batch.makerOf(value);
      return maker !== undefined && place(at(maker));
    });

  const { graph: body, wanted, ...crossings } = bodyOf(batch, at, names, readFrom(inBody));
  const drawn = readFrom((place) => place === 'before');
  const first = neededNodes(whole, [...wanted.values(), ...drawn], (node) => runsBefore(at(node)));
  const last = neededNodes(
    whole,
    results,
    (node) => at(node) === 'after' || (at(node) === 'free' && !first.has(node)),
  );

  const after = build(`${whole.name}.after`, (b) => {
    const valueAt = copyNodes(b, whole, last, names);
    // The graph that updates a state must declare it, even if it does not read it.
    for (const { name } of whole.updates) valueAt(stateNamed(whole, name));
    copyResults(b, whole, valueAt);
  });
  const before = build(`${whole.name}.before`, (b) => {
    const valueAt = copyNodes(b, whole, first, names);
    for (const [name, value] of new Map([...wanted, ...passedOn(first, after, names)])) {
      b.output(name, valueAt(value));
    }
  });
  return { trips: batch.trips, before, body, after, ...crossings };
}

/** Returns the values that the first graph computes and the last one reads, by name. */
function passedOn(
  nodes: ReadonlySet<Node>,
  last: Graph,
  names: Names,
): readonly (readonly [string, ValueId])[] {
  const read = new Set(last.inputs.map(({ name }) => name));
  const values = [...nodes].flatMap(({ outputs }): readonly ValueId[] => outputs);
  return values.map((value) => [names.valueName(value), value] as const).filter(([name]) => read.has(name));
}

function stateNamed({ name: graph, state }: Graph, name: string): ValueId {
  const found = state.find((entry) => entry.name === name);
  return defined(found, `graph "${graph}": state "${name}"`).value;
}

function runsBefore(place: Place): boolean {
  return place === 'free' || place === 'before';
}

function build(name: string, write: (b: GraphBuilder) => void): Graph {
  const b = new GraphBuilder(name);
  write(b);
  return b.build();
}
