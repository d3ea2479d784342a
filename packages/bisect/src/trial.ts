// Tries a part of a graph by itself on a device: an op alone, or a few that may be fused.
import type { Device, Graph, Tensors, ValueId } from '@isonet/core';
import type { Expectation, Judgement } from './judge.ts';
import { judge } from './judge.ts';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import type { Part, Values } from './section.ts';
import { bordersOf, evaluate, given, nodeAt, section } from './section.ts';

/** From here on bounds are too wide to be worth their time: measured noise judges alone. */
const LONG = 16;

export interface Trial {
  readonly part: Part;
  /** What the device ran, and on what. */
  readonly graph: Graph;
  readonly state: Tensors;
  readonly feeds: Tensors;
  readonly outputs: Values;
  readonly expectation: Expectation;
  readonly judgements: readonly Judgement[];
  /** The first that is wrong. */
  readonly wrong: Judgement | undefined;
}

/** @param values the device's, all that the part is fed among them */
export async function tryPart(device: Device, problem: Problem, part: Part, values: Values): Promise<Trial> {
  const graph = section(problem.graph, part);
  const borders: Values = new Map(
    bordersOf(graph).flatMap((value) => {
      const tensor = values.get(value);
      return tensor ? [[value, tensor] as const] : [];
    }),
  );
  const outputs = await evaluate(device, graph, problem, borders);
  const known = new Map([...borders, ...outputs]);
  const bounded = part.nodes.length < LONG;
  const { judgements, expectation } = await judge(device, problem, part, known, { bounded });
  const wrong = judgements.find(({ ratio }) => ratio > 1);
  return { part, graph, ...given(graph, problem, borders), outputs, expectation, judgements, wrong };
}

/** As {@link tryPart}; what the nodes are fed is read from the device's run of all that is before them. */
export async function tryInPlace(
  device: Device,
  problem: Problem,
  reads: Reads,
  nodes: readonly number[],
): Promise<Trial> {
  const { graph } = problem;
  const last = nodes.at(-1) ?? 0;
  const made = new Set(nodes.flatMap((index) => nodeAt(graph, index).outputs));
  const part = { nodes, reads: reads.upTo(last).filter((value) => made.has(value)) };
  const values = await valuesOf(device, problem, reads, bordersOf(section(graph, part)));
  return tryPart(device, problem, part, values);
}

/** Values as the device gives them in the course of the graph. */
async function valuesOf(
  device: Device,
  problem: Problem,
  reads: Reads,
  wanted: readonly ValueId[],
): Promise<Values> {
  // A runtime need not take a graph without nodes.
  if (wanted.length === 0) return new Map();
  const last = Math.max(...wanted.map((value) => reads.producer(value) ?? 0));
  const before = { nodes: Array.from({ length: last + 1 }, (_, index) => index), reads: wanted };
  return evaluate(device, section(problem.graph, before), problem, new Map());
}
