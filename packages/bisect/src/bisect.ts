// Finds the first node of a training graph whose result is wrong on a device.
import { nodeAt } from '@isonet/conformance/judging';
import type { Device } from '@isonet/core';
import { defined, DeviceLostError, messageOf } from '@isonet/core';
import type { Finding } from './finding.ts';
import type { Judgement } from './judge.ts';
import type { WrongCut } from './prefixes.ts';
import { Prefixes } from './prefixes.ts';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import { readsOf } from './reads.ts';
import type { Rated } from './stages.ts';
import { smallestGroup, sweep } from './stages.ts';
import type { Trial } from './trial.ts';
import { tryInPlace, tryPart } from './trial.ts';

/** The result of a search. */
export interface Bisection {
  /** Absent when nothing is wrong. */
  readonly finding?: Finding;
  /** The node with the largest error relative to its allowed error, among the nodes that ran alone. */
  readonly worst: Rated;
  /** The number of results that are read when the whole graph is compiled at once. */
  readonly read: number;
}

/**
 * Finds the first wrong node. Every value is compared with the float64 reference, which is fed the device's own values: an error
 * counts only where it arises, and a ReLU or a maximum that rounding has flipped upstream does not count. There are three stages:
 *
 * 1. Prefixes. The graph is cut after node k and compiled as a whole, so the device fuses up to the cut as usual. The
 *    search reads the values that cross the cut, and those on which decisions depend (results of ReLUs and poolings,
 *    which the backward pass keeps anyway). The reference recomputes each of them from the values read upstream, and
 *    the error of each in the L2 norm is compared with the noise that rounding causes (noise.ts). A binary search
 *    ends with two adjacent cuts; at the later one, a value is wrong. This stage only narrows the search. It does not
 *    prove any node right, because an error may be masked before it reaches a value that is read.
 * 2. Nodes. Each node up to that cut runs alone, in order, on the device's values. Each value must lie within the
 *    bound of a running error analysis, and the whole tensor within the noise. The first node that fails is wrong by
 *    itself. This stage also finds errors that leave no trace downstream, such as a gradient that goes to the wrong
 *    one of two maxima and is masked later.
 * 3. Groups. If every node is right by itself, more and more of the nodes before the cut are compiled together and
 *    fed the device's values at their border, until the error occurs. Then every node that the error does not need is
 *    removed.
 *
 * If nothing is wrong, the graph runs once more with only its outputs read, as in a training step.
 *
 * @param say receives a line for each step of the search
 * @throws any error of the device; BackendError `NODE_FAILED`, which names the node, if a single node causes it
 */
export async function bisect(
  device: Device,
  problem: Problem,
  say: (text: string) => void = () => undefined,
): Promise<Bisection> {
  const reads = readsOf(problem.graph);
  const prefixes = new Prefixes(device, problem, reads, say);
  const end = problem.graph.nodes.length - 1;
  let cut: WrongCut | undefined;
  try {
    cut = await prefixes.firstWrong();
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
    say(`the search failed: ${messageOf(error)}; trying each node alone`);
    await sweep(device, problem, reads, end, say);
    throw error;
  }
  const last = cut ? cut.last : end;
  const { wrong, worst } = await sweep(device, problem, reads, last, say);
  const trial = wrong ?? (cut && (await smallestGroup(device, problem, reads, last, say)));
  const found = { worst, read: reads.upTo(end).length };
  if (trial?.wrong) return { ...found, finding: await findingOf(device, problem, trial, trial.wrong) };
  if (cut) return { ...found, finding: onceFinding(problem, reads, cut.judgement) };
  const judgement = await prefixes.wrongAsAWhole();
  if (!judgement) return found;
  return { ...found, finding: await wholeFinding(device, problem, reads, judgement) };
}

function onceFinding(problem: Problem, reads: Reads, judgement: Judgement): Finding {
  return { kind: 'once', ...located(problem, [reads.producer(judgement.value)]), judgement };
}

async function findingOf(
  device: Device,
  problem: Problem,
  trial: Trial,
  judgement: Judgement,
): Promise<Finding> {
  const { nodes } = trial.part;
  const kind = nodes.length === 1 ? 'alone' : 'group';
  const smallest = (await onOneImage(device, problem, nodes)) ?? { problem, trial };
  return { kind, ...located(problem, nodes), judgement, smallest };
}

async function wholeFinding(
  device: Device,
  problem: Problem,
  reads: Reads,
  judgement: Judgement,
): Promise<Finding> {
  const { graph } = problem;
  const outputs = graph.outputs.map(({ value }) => value).filter((value) => reads.isMade(value));
  const part = { nodes: [...graph.nodes.keys()], reads: [...new Set(outputs)] };
  const trial = await tryPart(device, problem, part, new Map());
  const smallest = trial.wrong ? { smallest: { problem, trial } } : {};
  return { kind: 'whole', ...located(problem, [reads.producer(judgement.value)]), judgement, ...smallest };
}

function located({ graph }: Problem, nodes: readonly number[]): Pick<Finding, 'nodes' | 'layer' | 'phase'> {
  const { origin } = nodeAt(graph, defined(nodes.at(-1), 'the last node of a finding'));
  return { nodes, layer: origin.layer, phase: origin.phase };
}

/** Reproduces the finding on a single image if the nodes are wrong on it too. */
async function onOneImage(
  device: Device,
  problem: Problem,
  nodes: readonly number[],
): Promise<Finding['smallest'] | undefined> {
  const fewer = problem.smaller?.();
  if (!fewer) return undefined;
  const same = nodes.map((index) => sameNode(problem, index, fewer)).filter((index) => index !== undefined);
  if (same.length < nodes.length) return undefined;
  const trial = await tryInPlace(device, fewer, readsOf(fewer.graph), same);
  return trial.wrong ? { problem: fewer, trial } : undefined;
}

/** Returns the index of the corresponding node in the other graph: the n-th node with the same op, layer and phase. */
function sameNode({ graph }: Problem, index: number, other: Problem): number | undefined {
  const { op, origin } = nodeAt(graph, index);
  const matching = (nodes: typeof graph.nodes): readonly number[] =>
    nodes.flatMap((node, i) =>
      node.op === op && node.origin.layer === origin.layer && node.origin.phase === origin.phase ? [i] : [],
    );
  return matching(other.graph.nodes)[matching(graph.nodes).indexOf(index)];
}
