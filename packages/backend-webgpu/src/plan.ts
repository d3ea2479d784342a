// Which memory each value lies in. Values that are never alive together share a scratch buffer; what a dispatch writes is
// never what it reads, for WebGPU refuses a buffer that is bound both ways. Pure: no device is involved.
import type { Graph, Named, ValueId } from '@isonet/core';
import { GraphError, sizeOf, typeOf } from '@isonet/core';
import type { Dispatch, Operand } from './kernels/kernel.ts';
import type { LoweredGraph, Step } from './lower.ts';

/** A buffer: of the index-th input, state entry or constant of the graph, or a scratch buffer of the program. */
export interface Place {
  readonly kind: 'input' | 'state' | 'constant' | 'scratch';
  readonly index: number;
}

export interface PlannedDispatch {
  readonly dispatch: Dispatch;
  /** `op "name"`, for messages. */
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
  const values = valueNeeds(lowered, fixed);
  const temporaries = steps.map(temporaryNeeds);
  const crossing = crossingUpdates(lowered, fixed);
  const { buffers, indexOf } = share([
    ...values.values(),
    ...temporaries.flatMap((needs) => [...needs.values()]),
    ...crossing.values(),
  ]);

  const scratch = (need: Need | undefined): Place => {
    const index = need && indexOf.get(need);
    if (index === undefined) throw new GraphError(`graph "${graph.name}": a value has no memory`);
    return { kind: 'scratch', index };
  };
  const place = (value: ValueId): Place => fixed.get(home(value)) ?? scratch(values.get(home(value)));
  const operand = (step: Step, index: number, { of, index: i }: Operand): Place => {
    if (of === 'temporary') return scratch(temporaries[index]?.get(i));
    const value = (of === 'input' ? step.inputs : step.node.outputs)[i];
    if (value === undefined) throw new GraphError(`${labelOf(step)}: the kernel asks for ${of} ${i}`);
    return place(value);
  };
  return {
    scratch: buffers,
    dispatches: steps.flatMap((step, index) =>
      step.dispatches.map((dispatch) => ({
        dispatch,
        label: labelOf(step),
        reads: dispatch.reads.map((entry) => operand(step, index, entry)),
        writes: dispatch.writes.map((entry) => operand(step, index, entry)),
      })),
    ),
    outputs: graph.outputs.map(({ value }) => place(value)),
    updates: updateCopies(graph, place, (update) => {
      const need = crossing.get(update);
      return need && scratch(need);
    }),
  };
}

/** Scratch memory that is needed from one step to another, both included. */
interface Need {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
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
function valueNeeds(
  { graph, steps, home }: LoweredGraph,
  fixed: ReadonlyMap<ValueId, Place>,
): ReadonlyMap<ValueId, Need> {
  const needs = new Map<ValueId, Need>();
  const read = (value: ValueId, step: number): void => {
    const need = needs.get(home(value));
    if (need) needs.set(home(value), { ...need, last: step });
    else if (!fixed.has(home(value)))
      throw new GraphError(`graph "${graph.name}": no step computes %${value}`);
  };
  steps.forEach(({ node, inputs }, step) => {
    for (const value of inputs) read(value, step);
    for (const value of node.outputs)
      needs.set(value, { bytes: bytesOf(graph, value), first: step, last: step });
  });
  for (const { value } of [...graph.outputs, ...graph.updates]) read(value, steps.length);
  return needs;
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
  const tenants: Need[][] = [];
  const indexOf = new Map<Need, number>();
  for (const need of needs.toSorted((a, b) => b.bytes - a.bytes)) {
    const free = tenants.findIndex((others) =>
      others.every((other) => other.last < need.first || need.last < other.first),
    );
    const index = free < 0 ? tenants.length : free;
    if (free < 0) tenants.push([]);
    tenants[index]?.push(need);
    indexOf.set(need, index);
  }
  return { buffers: tenants.map(([largest]) => largest?.bytes ?? 0), indexOf };
}

function labelOf({ node }: Step): string {
  return `${node.op} "${node.name}"`;
}
