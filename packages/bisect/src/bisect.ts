// Finds the first node of a training graph whose result is wrong on a device.
//
// Everything is judged against the float64 reference, fed with the device's own values: an error counts once, where it is
// made, and a ReLU or a maximum that rounding has turned upstream counts nowhere. Three stages:
//
// 1. Prefixes. The graph is cut after node k and compiled whole, so that the device fuses up to the cut as ever. What
//    crosses the cut is read, and with it what decisions were taken on (ReLUs' and pools' results, which the backward pass
//    keeps anyway). Each value read is judged by the values read that it comes from: in the L2 norm, against the noise that
//    rounding makes there (noise.ts). A binary search ends with two neighbouring cuts: at the
//    later one a value is wrong. This only says where to look. It clears no node: an error may be masked before it is read.
// 2. Ops. Every node up to there, alone, on the device's values, in order: each number within the bound of the running
//    error analysis (tolerance.ts), the whole within the noise. The first that fails is wrong by itself. This also finds
//    what leaves no trace further down, such as a gradient that goes to the wrong one of two maxima and is masked later.
// 3. Groups. Where every op is right alone, more and more nodes before the cut are compiled together, on values that the
//    device gives at their border, until they are wrong; then all that are not needed for it are left out.
//
// Where nothing is wrong, the graph is run once more with its outputs alone read, as a training step does.
import type { Device } from '@isonet/core';
import { DeviceLostError, messageOf } from '@isonet/core';
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

export interface Finding {
  /**
   * 'alone': the op by itself; 'group': only together; 'whole': only in the whole graph, when nothing but its outputs is
   * read; 'once': not again when the same was run once more.
   */
  readonly kind: 'alone' | 'group' | 'whole' | 'once';
  /** Indices of the graph's nodes, ascending; the last one's result is wrong. */
  readonly nodes: readonly number[];
  readonly judgement: Judgement;
  /** The least that shows it, on one image where that is enough; absent where it was not seen again. */
  readonly smallest?: { readonly problem: Problem; readonly trial: Trial };
}

export interface Bisection {
  readonly finding?: Finding;
  /** Of the ops that were tried alone, the one that came closest to what is allowed. */
  readonly worst: Rated;
}

/**
 * @param say is told of each step of the search, in a line
 * @throws whatever the device throws; where a node alone makes it, BackendError `NODE_FAILED` that names it
 */
export async function bisect(
  device: Device,
  problem: Problem,
  say: (text: string) => void = () => undefined,
): Promise<Bisection> {
  const reads = readsOf(problem.graph);
  const prefixes = new Prefixes(device, problem, reads, say);
  let cut: WrongCut | undefined;
  try {
    cut = await prefixes.firstWrong();
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
    say(`the search fails: ${messageOf(error)}; trying every node alone`);
    await sweep(device, problem, reads, problem.graph.nodes.length - 1, say);
    throw error;
  }
  const last = cut?.last ?? problem.graph.nodes.length - 1;
  const { wrong, worst } = await sweep(device, problem, reads, last, say);
  const trial = wrong ?? (cut && (await smallestGroup(device, problem, reads, last, say)));
  if (trial?.wrong) return { worst, finding: await findingOf(device, problem, trial, trial.wrong) };
  if (cut) return { worst, finding: onceFinding(reads, cut) };
  const judgement = await prefixes.wrongAsAWhole();
  return judgement ? { worst, finding: await wholeFinding(device, problem, reads, judgement) } : { worst };
}

function onceFinding(reads: Reads, { last, judgement }: WrongCut): Finding {
  return { kind: 'once', nodes: [reads.producer(judgement.value) ?? last], judgement };
}

async function findingOf(
  device: Device,
  problem: Problem,
  trial: Trial,
  judgement: Judgement,
): Promise<Finding> {
  const { nodes } = trial.part;
  const smallest = (await onOneImage(device, problem, nodes)) ?? { problem, trial };
  return { kind: nodes.length === 1 ? 'alone' : 'group', nodes, judgement, smallest };
}

async function wholeFinding(
  device: Device,
  problem: Problem,
  reads: Reads,
  judgement: Judgement,
): Promise<Finding> {
  const { graph } = problem;
  const outputs = graph.outputs.flatMap(({ value }) => (reads.producer(value) === undefined ? [] : [value]));
  const part = { nodes: [...graph.nodes.keys()], reads: [...new Set(outputs)] };
  const trial = await tryPart(device, problem, part, new Map());
  const nodes = [reads.producer(judgement.value) ?? 0];
  return { kind: 'whole', nodes, judgement, ...(trial.wrong ? { smallest: { problem, trial } } : {}) };
}

/** The same nodes of the same network on fewer images, if they are wrong there too. */
async function onOneImage(
  device: Device,
  problem: Problem,
  nodes: readonly number[],
): Promise<Finding['smallest'] | undefined> {
  const fewer = problem.smaller?.();
  if (!fewer) return undefined;
  const same = nodes.map((index) => sameNode(problem, index, fewer));
  if (same.includes(-1)) return undefined;
  const trial = await tryInPlace(device, fewer, readsOf(fewer.graph), same);
  return trial.wrong ? { problem: fewer, trial } : undefined;
}

/** The n-th node of its op and its layer, in the other graph too; -1 where there is none. */
function sameNode({ graph }: Problem, index: number, other: Problem): number {
  const { op, name } = nodeAt(graph, index);
  const places = (nodes: typeof graph.nodes): readonly number[] =>
    nodes.flatMap((node, i) => (node.op === op && node.name === name ? [i] : []));
  return places(other.graph.nodes)[places(graph.nodes).indexOf(index)] ?? -1;
}
