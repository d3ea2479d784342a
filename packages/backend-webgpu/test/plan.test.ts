// Tests the memory plan by symbolic execution: every dispatch must find the expected value in each buffer.
import type { Graph, ValueId } from '@isonet/core';
import { GraphBuilder, gradients, legalize, sgd, step as trainingStep } from '@isonet/core';
import { describe, expect, test } from 'vitest';
import { kernels } from '../src/kernels/index.ts';
import type { Operand } from '../src/kernels/kernel.ts';
import type { LoweredGraph } from '../src/lower.ts';
import { lower } from '../src/lower.ts';
import type { Place, Plan } from '../src/plan.ts';
import { bytesOf, plan } from '../src/plan.ts';
import { network, randomGraph } from './graphs.ts';

const legal = (graph: Graph): Graph => legalize(graph, ({ op }) => Object.hasOwn(kernels, op) || 'no kernel');

describe('no value is overwritten while it is needed', () => {
  const graphs = Array.from({ length: 200 }, (_, seed) => randomGraph(seed).graph);
  test('in 200 random graphs', () => {
    for (const graph of graphs) expect(follow(legal(graph)), graph.name).toEqual([]);
  });
  test('in a training step', () => {
    expect(follow(legal(trainingStep(network, 8, sgd({ momentum: 0.9 }))))).toEqual([]);
    expect(follow(legal(gradients(network, 8)))).toEqual([]);
  });
});

test('scratch memory is shared: a training step needs less than half of the size of its values', () => {
  const graph = legal(trainingStep(network, 8, sgd()));
  const lowered = lower(graph);
  const alone = lowered.steps.flatMap(({ node }) => node.outputs).map((value) => bytesOf(graph, value));
  const shared = plan(lowered).scratch;
  const total = (sizes: readonly number[]): number => sizes.reduce((sum, bytes) => sum + bytes, 0);
  expect(total(shared)).toBeLessThan(total(alone) / 2);
});

test('a scalar that is broadcast only for pointwise ops is never written out', () => {
  const b = new GraphBuilder('filled');
  const x = b.input('x', { dtype: 'float32', shape: [1000] });
  b.output('y', b.op.max(b.fill(0, [1000]), x));
  expect(plan(lower(b.build())).dispatches.map(({ dispatch }) => dispatch.reads.length)).toEqual([2]);
});

/** Executes the plan symbolically and returns its faults. */
function follow(graph: Graph): readonly string[] {
  const lowered = lower(graph);
  const planned = plan(lowered);
  const faults: string[] = [];
  const held = new Map<string, string>();
  const key = ({ kind, index }: Place): string => `${kind} ${index}`;
  const expectHeld = (place: Place, expected: string, where: string): void => {
    if (held.get(key(place)) !== expected)
      faults.push(`${where}: expected ${expected} in ${key(place)}, got ${held.get(key(place))}`);
  };
  for (const [kind, list] of [
    ['input', graph.inputs],
    ['state', graph.state],
    ['constant', graph.constants],
  ] as const) {
    list.forEach(({ value }, index) => held.set(key({ kind, index }), `%${value}`));
  }

  let next = 0;
  lowered.steps.forEach((step, index) => {
    for (const dispatch of step.dispatches) {
      const found = planned.dispatches[next++];
      if (!found || found.dispatch !== dispatch)
        throw new Error('the dispatches of the plan differ from those of the graph');
      const where = `${index} ${found.label}`;
      dispatch.reads.forEach((operand, i) =>
        expectHeld(at(found.reads, i), content(lowered, index, operand), where),
      );
      dispatch.writes.forEach((operand, i) => {
        const place = at(found.writes, i);
        if (found.reads.some((read) => key(read) === key(place)))
          faults.push(`${where}: ${key(place)} is read and written`);
        if (place.kind !== 'scratch') faults.push(`${where}: writes to ${key(place)}`);
        const bytes = operand.of === 'temporary' ? operand.bytes : bytesOf(graph, operand.value);
        if (bytes > (planned.scratch[place.index] ?? 0)) faults.push(`${where}: ${key(place)} is too small`);
        held.set(key(place), content(lowered, index, operand));
      });
    }
  });
  planned.outputs.forEach((place, i) =>
    expectHeld(place, storageText(lowered, at(graph.outputs, i).value), `output ${i}`),
  );
  commit(planned, held, key);
  graph.state.forEach(({ name, value }, index) => {
    const update = graph.updates.find((entry) => entry.name === name);
    expectHeld({ kind: 'state', index }, storageText(lowered, update?.value ?? value), `state ${name}`);
  });
  return faults;
}

function commit({ updates }: Plan, held: Map<string, string>, key: (place: Place) => string): void {
  for (const { from, to } of updates) held.set(key(to), held.get(key(from)) ?? 'nothing');
}

function content(lowered: LoweredGraph, index: number, operand: Operand): string {
  if (operand.of === 'temporary') return `temporary ${operand.index} of step ${index}`;
  return storageText(lowered, operand.value);
}

function storageText(lowered: LoweredGraph, value: ValueId): string {
  return `%${lowered.storageOf(value)}`;
}

function at<T>(list: readonly T[], index: number): T {
  const entry = list[index];
  if (entry === undefined) throw new Error(`no entry ${index} of ${list.length}`);
  return entry;
}
