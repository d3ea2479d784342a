// Runs a part of a graph alone on a device: one node, or a few that may be fused.
import type { Part } from '@isonet/conformance/judging';
import { nodeAt, section } from '@isonet/conformance/judging';
import type { Device, Graph, Tensors, ValueId } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Expectation, Judgement } from './judge.ts';
import { judge } from './judge.ts';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import type { Values } from './section.ts';
import { evaluate, inputsFor } from './section.ts';

/** For this many nodes or more, bounds are too wide to be worth computing: only the measured noise is used. */
const LONG = 16;

export interface Trial {
  readonly part: Part;
  /** The graph that the device ran. */
  readonly graph: Graph;
  readonly state: Tensors;
  readonly feeds: Tensors;
  readonly outputs: Values;
  readonly expectation: Expectation;
  readonly judgements: readonly Judgement[];
  /** The first judgement whose value is wrong. */
  readonly wrong: Judgement | undefined;
}

/** @param values the device's values, including everything that the part is fed */
export async function tryPart(device: Device, problem: Problem, part: Part, values: Values): Promise<Trial> {
  const tried = section(problem.graph, part);
  const outputs = await evaluate(device, tried, problem, values);
  const borders = tried.borders.map((value) => [value, defined(values.get(value), `%${value}`)] as const);
  const known = new Map([...borders, ...outputs]);
  const bounded = part.nodes.length < LONG;
  const { judgements, expectation } = await judge(device, problem, part, known, { bounded });
  const wrong = judgements.find(({ ratio }) => ratio > 1);
  const { graph } = tried;
  return { part, graph, ...inputsFor(tried, problem, values), outputs, expectation, judgements, wrong };
}

/** Like {@link tryPart}, but takes the nodes' inputs from a run of all nodes before them. */
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

/** Runs the graph on the device up to the wanted values. */
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
