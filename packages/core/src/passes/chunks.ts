// Chunks: a graph over a batch as a loop over parts of it that fit a cache. What depends on an image is computed chunk by
// chunk, sums over the batch are added up from chunk to chunk, and the rest is computed once, before or after the loop.
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
 * A graph as three that run one after the other: `before` once, `body` once per chunk, `after` once.
 *
 * A name means the same tensor in all three graphs: an input of the whole graph, an output of `before`, or the joined or summed outputs
 * of `body`. `after` has the outputs and updates of the whole graph. Each graph declares the inputs and the state that it reads; only
 * `after` has updates.
 */
export interface Chunked {
  /** How often the body runs. */
  readonly trips: number;
  readonly before: Graph;
  readonly body: Graph;
  readonly after: Graph;
  /** The inputs of the body of which trip t takes block t, of `trips` equal blocks along the axis. It takes all others whole. */
  readonly rows: readonly Along[];
  /** The outputs of the body of which trip t gives block t. */
  readonly joined: readonly Along[];
  /** The outputs of the body, float32, that are added up over the trips, in their order, beginning with 0. */
  readonly sums: readonly string[];
}

/**
 * The graph in chunks of `images` images. The numbers are those of the whole graph but for the order of sums: each chunk's images are
 * summed first, then the chunks in their order, so that a run repeats to the bit. Random numbers are drawn once for the whole batch,
 * the same bits.
 *
 * Undefined where `images` does not divide the batch, and where a loop gains nothing: no convolution or product of matrices keeps
 * images apart, or one comes after images were mixed (by batch norm in training mode, say) and still has a part for each image.
 * @param axes the inputs that carry the batch, and the axis along which each does: `{ images: 0, labels: 0 }`
 * @throws GraphError when `images` is not a whole number of at least 1, or when an input of `axes` does not exist, or two have different numbers of images
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
    // State is declared where it is updated, read or not.
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

/** What nodes of the first graph compute and the last one reads, by name. */
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
