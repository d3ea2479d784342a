// Trials of a part of a graph by itself on a device: one op alone, or a few that may be fused.
import type { Device, Graph, Tensors, ValueId } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Expectation, Judgement } from './judge.ts';
import { judge } from './judge.ts';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import type { Part, Values } from './section.ts';
import { evaluate, given, nodeAt, section } from './section.ts';

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

/** @param values the device's, including all that the part is fed */
export async function tryPart(device: Device, problem: Problem, part: Part, values: Values): Promise<Trial> {
  const tried = section(problem.graph, part);
  const outputs = await evaluate(device, tried, problem, values);
  const borders = tried.borders.map((value) => [value, defined(values.get(value), `%${value}`)] as const);
  const known = new Map([...borders, ...outputs]);
  const bounded = part.nodes.length < LONG;
  const { judgements, expectation } = await judge(device, problem, part, known, { bounded });
  const wrong = judgements.find(({ ratio }) => ratio > 1);
  const { graph } = tried;
  return { part, graph, ...given(tried, problem, values), outputs, expectation, judgements, wrong };
}

/** As {@link tryPart}; the values that the nodes are fed are read from the device's run of all nodes before them. */
export async function tryInPlace(
  device: Device,
  problem: Problem,
  reads: Reads,
  nodes: readonly number[],
): Promise<Trial> {
  const { graph } = problem;
  const last = defined(nodes.at(-1), 'the last node of a trial');
  const made = new Set(nodes.flatMap((index) => nodeAt(graph, index).outputs));
  const part = { nodes, reads: reads.upTo(last).filter((value) => made.has(value)) };
  const values = await valuesOf(device, problem, reads, section(graph, part).borders);
  return tryPart(device, problem, part, values);
}

/** Values as the device gives them in the course of the graph. */
async function valuesOf(
  device: Device,
  problem: Problem,
  reads: Reads,
  wanted: readonly ValueId[],
): Promise<Values> {
  // A runtime may refuse a graph without nodes.
  if (wanted.length === 0) return new Map();
  const last = Math.max(...wanted.map((value) => reads.producer(value)));
  const before = { nodes: Array.from({ length: last + 1 }, (_, index) => index), reads: wanted };
  return evaluate(device, section(problem.graph, before), problem, new Map());
}
