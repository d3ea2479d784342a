// The second and third stages of a search: every node alone, in order; then the smallest group of nodes that are
// wrong together.
import { nodeAt } from '@isonet/conformance/judging';
import type { Device, Tensor, ValueId } from '@isonet/core';
import { BackendError, DeviceLostError, messageOf } from '@isonet/core';
import type { Problem } from './problem.ts';
import type { Reads } from './reads.ts';
import { nodesText, numbersText, resultsText } from './text.ts';
import type { Trial } from './trial.ts';
import { tryInPlace, tryPart } from './trial.ts';

/** A node and its error relative to the allowed error. */
export interface Rated {
  readonly node: number;
  readonly ratio: number;
}

export interface Sweep {
  /** The first node that is wrong by itself. */
  readonly wrong: Trial | undefined;
  /** The node with the largest error. */
  readonly worst: Rated;
}

/**
 * Runs every node up to `last` as a separate graph, on the device's results from the nodes before it. Kinks and ties do not matter,
 * because the reference is fed the same values.
 * @throws BackendError `NODE_FAILED`, which names the node on which the device fails
 */
export async function sweep(
  device: Device,
  problem: Problem,
  reads: Reads,
  last: number,
  say: (text: string) => void,
): Promise<Sweep> {
  const values = new Map<ValueId, Tensor>();
  let worst: Rated = { node: 0, ratio: 0 };
  for (let node = 0; node <= last; node++) {
    const { outputs } = nodeAt(problem.graph, node);
    const part = { nodes: [node], reads: outputs };
    const trial = await tryPart(device, problem, part, values).catch((cause: unknown) => {
      if (cause instanceof DeviceLostError) throw cause;
      const message = messageOf(cause);
      throw new BackendError(
        'NODE_FAILED',
        `${nodesText(problem.graph, [node])} fails by itself: ${message}`,
        { cause },
      );
    });
    const ratio = Math.max(...trial.judgements.map((judgement) => judgement.ratio));
    if (ratio > worst.ratio) worst = { node, ratio };
    if (trial.wrong) return { wrong: trial, worst };
    for (const [value, tensor] of trial.outputs) values.set(value, tensor);
    for (const value of values.keys()) if (reads.lastUse(value) <= node) values.delete(value);
    if ((node + 1) % 50 === 0) say(`nodes 1 to ${node + 1} of ${last + 1}, each alone: right`);
  }
  return { wrong: undefined, worst };
}

/**
 * Adds nodes before `last` until they are wrong together, then removes each node that the error does not need.
 * @returns undefined if even all of them together are right this time
 */
export async function smallestGroup(
  device: Device,
  problem: Problem,
  reads: Reads,
  last: number,
  say: (text: string) => void,
): Promise<Trial | undefined> {
  const attempt = async (nodes: readonly number[]): Promise<Trial | undefined> => {
    const trial = await tryInPlace(device, problem, reads, nodes);
    say(`${numbersText(nodes)}, compiled without the rest: ${resultsText(trial.judgements)}`);
    return trial.wrong ? trial : undefined;
  };
  let size = 1;
  let found = await attempt([last]);
  while (!found && size <= last) {
    size = Math.min(last + 1, Math.ceil(size * 1.5));
    found = await attempt(Array.from({ length: size }, (_, i) => last + 1 - size + i));
  }
  if (!found) return undefined;
  let smallest: Trial = found;
  for (const node of found.part.nodes.slice(0, -1)) {
    const others = smallest.part.nodes.filter((other) => other !== node);
    smallest = (await attempt(others)) ?? smallest;
  }
  return smallest;
}
