// Plans the memory of each value. Values whose live ranges do not overlap may share a scratch buffer. A dispatch never writes to a
// buffer that it reads, because WebGPU rejects a buffer that is bound both ways. Pure: no device is involved.
import type { Graph, LiveRange, Named, ValueId } from '@isonet/core';
import { defined, liveRanges, nodeText, sizeOf, typeOf } from '@isonet/core';
import type { Dispatch, Operand } from './kernels/kernel.ts';
import type { LoweredGraph, Step } from './lower.ts';
import { readsOf } from './lower.ts';

/** The location of a value: the buffer of the index-th input, state entry or constant of the graph, or a scratch buffer. */
export interface Place {
  readonly kind: 'input' | 'state' | 'constant' | 'scratch';
  readonly index: number;
}

export interface PlannedDispatch {
  readonly dispatch: Dispatch;
  /** The node's text for messages, e.g. `conv2d "nin1.c1"`. */
  readonly label: string;
  readonly reads: readonly Place[];
  readonly writes: readonly Place[];
}

export interface Copy {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: number;
}

export interface Plan {
  /** The size in bytes of each scratch buffer. */
  readonly scratch: readonly number[];
  readonly dispatches: readonly PlannedDispatch[];
  /** The location of each output after the dispatches, in the graph's order. */
  readonly outputs: readonly Place[];
  /** The copies that commit the updates, in this order, after the outputs are copied out. */
  readonly updates: readonly Copy[];
}

/** Returns the size of a value on the device in bytes: 4 per element, even for bools. */
export function bytesOf(graph: Graph, value: ValueId): number {
  return 4 * sizeOf(typeOf(graph, value).shape);
}

export function plan(lowered: LoweredGraph): Plan {
  const { graph, steps, storageOf } = lowered;
  const fixed = fixedPlaces(graph);
  const values = valueRanges(lowered);
  const temporaries = steps.map(temporaryRanges);
  const crossing = crossingUpdates(lowered, fixed);
  const { buffers, indexOf } = share([
    ...values.values(),
    ...temporaries.flatMap((ranges) => [...ranges.values()]),
    ...crossing.values(),
  ]);

  const scratch = (range: ScratchRange | undefined, what: string): Place => {
    const index = range && indexOf.get(range);
    return { kind: 'scratch', index: defined(index, `graph "${graph.name}": memory for ${what}`) };
  };
  const place = (value: ValueId): Place =>
    fixed.get(storageOf(value)) ?? scratch(values.get(storageOf(value)), `%${value}`);
  const planned = (
    step: Step,
    ranges: ReadonlyMap<number, ScratchRange>,
    dispatch: Dispatch,
  ): PlannedDispatch => {
    const label = nodeText(step.node);
    const placeOf = (operand: Operand): Place => {
      if (operand.of === 'node') return place(operand.value);
      return scratch(ranges.get(operand.index), `temporary ${operand.index} of ${label}`);
    };
    return { dispatch, label, reads: dispatch.reads.map(placeOf), writes: dispatch.writes.map(placeOf) };
  };
  return {
    scratch: buffers,
    dispatches: steps.flatMap((step, index) => {
      const ranges = defined(temporaries[index], `step ${index}`);
      return step.dispatches.map((dispatch) => planned(step, ranges, dispatch));
    }),
    outputs: graph.outputs.map(({ value }) => place(value)),
    updates: updateCopies(graph, place, (update) => {
      const range = crossing.get(update);
      return range && scratch(range, `update "${update.name}"`);
    }),
  };
}

/** The live range, in steps, of a value in scratch memory. */
interface ScratchRange extends LiveRange {
  readonly bytes: number;
}

function fixedPlaces(graph: Graph): ReadonlyMap<ValueId, Place> {
  const places = (kind: Place['kind'], list: readonly { readonly value: ValueId }[]): [ValueId, Place][] =>
    list.map(({ value }, index) => [value, { kind, index }]);
  return new Map([
    ...places('input', graph.inputs),
    ...places('state', graph.state),
    ...places('constant', graph.constants),
  ]);
}

/**
 * Returns the live range of each value: from the step that computes it to the last step that reads it or its alias. Outputs
 * and updates live to the end.
 */
function valueRanges({ graph, steps, storageOf }: LoweredGraph): ReadonlyMap<ValueId, ScratchRange> {
  const accesses = steps.map((step) => ({ reads: readsOf(step).map(storageOf), writes: step.node.outputs }));
  const kept = [...graph.outputs, ...graph.updates].map(({ value }) => storageOf(value));
  const ranges = [...liveRanges(accesses, kept)];
  return new Map(ranges.map(([value, range]) => [value, { ...range, bytes: bytesOf(graph, value) }]));
}

/** Returns the live ranges of a kernel's temporaries by index. They live only during their step. */
function temporaryRanges({ dispatches }: Step, step: number): ReadonlyMap<number, ScratchRange> {
  const ranges = new Map<number, ScratchRange>();
  for (const operand of dispatches.flatMap(({ writes }) => writes)) {
    if (operand.of === 'temporary')
      ranges.set(operand.index, { bytes: operand.bytes, first: step, last: step });
  }
  return ranges;
}

/**
 * Returns the updates whose value is the old value of another state entry. They go through scratch memory, because an earlier
 * copy of the same run may already have overwritten that entry.
 */
function crossingUpdates(
  { graph, steps, storageOf }: LoweredGraph,
  fixed: ReadonlyMap<ValueId, Place>,
): ReadonlyMap<Named, ScratchRange> {
  const crossing = graph.updates.filter(({ value }) => fixed.get(storageOf(value))?.kind === 'state');
  return new Map(
    crossing.map((update) => [
      update,
      { bytes: bytesOf(graph, update.value), first: steps.length, last: steps.length },
    ]),
  );
}

function updateCopies(
  graph: Graph,
  place: (value: ValueId) => Place,
  through: (update: Named) => Place | undefined,
): readonly Copy[] {
  const before: Copy[] = [];
  const commits: Copy[] = [];
  for (const update of graph.updates) {
    const bytes = bytesOf(graph, update.value);
    const to: Place = { kind: 'state', index: graph.state.findIndex(({ name }) => name === update.name) };
    const from = place(update.value);
    if (from.kind === 'state' && from.index === to.index) continue;
    const held = through(update);
    if (held) before.push({ from, to: held, bytes });
    commits.push({ from: held ?? from, to, bytes });
  }
  return [...before, ...commits];
}

/**
 * Assigns live ranges to buffers, the largest first, each to the first buffer that is free throughout the range. For static
 * shapes the result is close to optimal (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference").
 */
function share(ranges: readonly ScratchRange[]): {
  readonly buffers: readonly number[];
  readonly indexOf: ReadonlyMap<ScratchRange, number>;
} {
  const buffers: { readonly bytes: number; readonly tenants: ScratchRange[] }[] = [];
  const indexOf = new Map<ScratchRange, number>();
  for (const range of ranges.toSorted((a, b) => b.bytes - a.bytes)) {
    const free = buffers.findIndex(({ tenants }) =>
      tenants.every((other) => other.last < range.first || range.last < other.first),
    );
    const found = buffers[free];
    if (found) found.tenants.push(range);
    else buffers.push({ bytes: range.bytes, tenants: [range] });
    indexOf.set(range, found ? free : buffers.length - 1);
  }
  return { buffers: buffers.map(({ bytes }) => bytes), indexOf };
}
