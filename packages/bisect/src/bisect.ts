// The search for the first node of a training graph whose result is wrong on a device.
import type { Device } from '@isonet/core';
import { defined, DeviceLostError, messageOf } from '@isonet/core';
import type { Finding } from './finding.ts';
import type { Judgement } from './judge.ts';
import type { WrongCut } from './prefixes.ts';
import { Prefixes } from './prefixes.ts';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import { readsOf } from './reads.ts';
import { nodeAt } from './section.ts';
import type { Rated } from './stages.ts';
import { smallestGroup, sweep } from './stages.ts';
import type { Trial } from './trial.ts';
import { tryInPlace, tryPart } from './trial.ts';

/** The result of a search. */
export interface Bisection {
  /** Absent when nothing is wrong. */
  readonly finding?: Finding;
  /** Of the ops that were tried alone, the one that came closest to what is allowed. */
  readonly worst: Rated;
  /** How many results are read when the whole graph is compiled at once. */
  readonly read: number;
}

/**
 * Judges everything against the float64 reference, fed with the device's own values: an error counts once, where it is made,
 * and a ReLU or a maximum that rounding has turned upstream counts nowhere. Three stages:
 *
 * 1. Prefixes. The graph is cut after node k and compiled whole, so that the device fuses up to the cut as ever. The values
 *    that cross the cut are read, and with them those on which decisions were taken (results of ReLUs and poolings, which
 *    the backward pass keeps anyway). Each value read is judged by the values read that it comes from: in the L2 norm,
 *    against the noise that rounding makes there (noise.ts). A binary search ends with two neighbouring cuts: at the later
 *    one a value is wrong. This only says where to look. It clears no node: an error may be masked before it is read.
 * 2. Ops. Every node up to there, alone, on the device's values, in order: each number within the bound of the running
 *    error analysis (conformance's tolerance.ts), the whole within the noise. The first that fails is wrong by itself. This
 *    also finds errors that leave no trace further down, such as a gradient that goes to the wrong one of two maxima and is
 *    masked later.
 * 3. Groups. Where every op is right alone, more and more nodes before the cut are compiled together, on values that the
 *    device gives at their border, until they are wrong; then every node that the error does not need is left out.
 *
 * Where nothing is wrong, the graph is run once more with only its outputs read, as a training step does.
 *
 * @param say receives a line for each step of the search
 * @throws any error of the device; when a single node causes it, BackendError `NODE_FAILED`, which names the node
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
    say(`the search fails: ${messageOf(error)}; trying every node alone`);
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

/** The same nodes of the same network on fewer images, if they are wrong there too. */
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

/** The n-th node of its op, layer and phase, in the other graph too; undefined where there is none. */
function sameNode({ graph }: Problem, index: number, other: Problem): number | undefined {
  const { op, origin } = nodeAt(graph, index);
  const places = (nodes: typeof graph.nodes): readonly number[] =>
    nodes.flatMap((node, i) =>
      node.op === op && node.origin.layer === origin.layer && node.origin.phase === origin.phase ? [i] : [],
    );
  return places(other.graph.nodes)[places(graph.nodes).indexOf(index)];
}
