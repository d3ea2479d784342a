// Which memory each value lies in. Values that are never alive together share a scratch buffer; what a dispatch writes is
// never what it reads, for WebGPU refuses a buffer that is bound both ways. Pure: no device is involved.
import type { Graph, LiveRange, Named, ValueId } from '@isonet/core';
import { defined, liveRanges, nodeText, sizeOf, typeOf } from '@isonet/core';
import type { Dispatch, Operand } from './kernels/kernel.ts';
import type { LoweredGraph, Step } from './lower.ts';
import { readsOf } from './lower.ts';

/** A buffer: of the index-th input, state entry or constant of the graph, or a scratch buffer of the program. */
export interface Place {
  readonly kind: 'input' | 'state' | 'constant' | 'scratch';
  readonly index: number;
}

export interface PlannedDispatch {
  readonly dispatch: Dispatch;
  /** `conv2d "nin1.c1"`, for messages. */
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
  /** Where each output lies when the dispatches are done, in the graph's order. */
  readonly outputs: readonly Place[];
  /** What makes the updates land, in this order, once the outputs are copied out. */
  readonly updates: readonly Copy[];
}

/** Bytes of a value on the device: 4 each, bools too. */
export function bytesOf(graph: Graph, value: ValueId): number {
  return 4 * sizeOf(typeOf(graph, value).shape);
}

export function plan(lowered: LoweredGraph): Plan {
  const { graph, steps, home } = lowered;
  const fixed = fixedPlaces(graph);
  const values = valueNeeds(lowered);
  const temporaries = steps.map(temporaryNeeds);
  const crossing = crossingUpdates(lowered, fixed);
  const { buffers, indexOf } = share([
    ...values.values(),
    ...temporaries.flatMap((needs) => [...needs.values()]),
    ...crossing.values(),
  ]);

  const scratch = (need: Need | undefined, what: string): Place => {
    const index = need && indexOf.get(need);
    return { kind: 'scratch', index: defined(index, `graph "${graph.name}": memory for ${what}`) };
  };
  const place = (value: ValueId): Place =>
    fixed.get(home(value)) ?? scratch(values.get(home(value)), `%${value}`);
  const planned = (step: Step, needs: ReadonlyMap<number, Need>, dispatch: Dispatch): PlannedDispatch => {
    const label = nodeText(step.node);
    const placeOf = (operand: Operand): Place => {
      if (operand.of === 'node') return place(operand.value);
      return scratch(needs.get(operand.index), `temporary ${operand.index} of ${label}`);
    };
    return { dispatch, label, reads: dispatch.reads.map(placeOf), writes: dispatch.writes.map(placeOf) };
  };
  return {
    scratch: buffers,
    dispatches: steps.flatMap((step, index) => {
      const needs = defined(temporaries[index], `step ${index}`);
      return step.dispatches.map((dispatch) => planned(step, needs, dispatch));
    }),
    outputs: graph.outputs.map(({ value }) => place(value)),
    updates: updateCopies(graph, place, (update) => {
      const need = crossing.get(update);
      return need && scratch(need, `update "${update.name}"`);
    }),
  };
}

/** Scratch memory that is needed from one step to another. */
interface Need extends LiveRange {
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

/** From the step that computes a value to the last that reads it, or its alias; to the end for outputs and updates. */
function valueNeeds({ graph, steps, home }: LoweredGraph): ReadonlyMap<ValueId, Need> {
  const accesses = steps.map((step) => ({ reads: readsOf(step).map(home), writes: step.node.outputs }));
  const kept = [...graph.outputs, ...graph.updates].map(({ value }) => home(value));
  const ranges = [...liveRanges(accesses, kept)];
  return new Map(ranges.map(([value, range]) => [value, { ...range, bytes: bytesOf(graph, value) }]));
}

/** A kernel's temporaries by their index: they live during its step. */
function temporaryNeeds({ dispatches }: Step, step: number): ReadonlyMap<number, Need> {
  const needs = new Map<number, Need>();
  for (const operand of dispatches.flatMap(({ writes }) => writes)) {
    if (operand.of === 'temporary')
      needs.set(operand.index, { bytes: operand.bytes, first: step, last: step });
  }
  return needs;
}

/**
 * Updates that are another entry's old value. They go through scratch memory: an earlier copy of the same run may already
 * have written over what they read.
 */
function crossingUpdates(
  { graph, steps, home }: LoweredGraph,
  fixed: ReadonlyMap<ValueId, Place>,
): ReadonlyMap<Named, Need> {
  const crossing = graph.updates.filter(({ value }) => fixed.get(home(value))?.kind === 'state');
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
  const landing: Copy[] = [];
  for (const update of graph.updates) {
    const bytes = bytesOf(graph, update.value);
    const to: Place = { kind: 'state', index: graph.state.findIndex(({ name }) => name === update.name) };
    const from = place(update.value);
    if (from.kind === 'state' && from.index === to.index) continue;
    const held = through(update);
    if (held) before.push({ from, to: held, bytes });
    landing.push({ from: held ?? from, to, bytes });
  }
  return [...before, ...landing];
}

/**
 * Assigns needs to buffers, the largest first, each to the first buffer that is free for as long as it is needed; close to
 * the least memory for static shapes (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference").
 */
function share(needs: readonly Need[]): {
  readonly buffers: readonly number[];
  readonly indexOf: ReadonlyMap<Need, number>;
} {
  const buffers: { readonly bytes: number; readonly tenants: Need[] }[] = [];
  const indexOf = new Map<Need, number>();
  for (const need of needs.toSorted((a, b) => b.bytes - a.bytes)) {
    const free = buffers.findIndex(({ tenants }) =>
      tenants.every((other) => other.last < need.first || need.last < other.first),
    );
    const found = buffers[free];
    if (found) found.tenants.push(need);
    else buffers.push({ bytes: need.bytes, tenants: [need] });
    indexOf.set(need, found ? free : buffers.length - 1);
  }
  return { buffers: buffers.map(({ bytes }) => bytes), indexOf };
}
