// The findings of a search, and their text.
import type { Graph, Phase } from '@isonet/core';
import { typeOf, typeText } from '@isonet/core';
import type { Judgement } from './judge.ts';
import type { Problem } from './problem.ts';
import { nodesText } from './text.ts';
import type { Trial } from './trial.ts';

/** The nodes whose result is wrong on the device, and the evidence. */
export interface Finding {
  /**
   * - 'alone': the node is wrong by itself.
   * - 'group': the nodes are wrong only when they are compiled together.
   * - 'whole': the whole graph is wrong when only its outputs are read.
   * - 'once': the result was wrong once, and right when the same graph ran again.
   */
  readonly kind: 'alone' | 'group' | 'whole' | 'once';
  /** Indices of the graph's nodes, ascending; the last one's result is wrong. */
  readonly nodes: readonly number[];
  /** The path of the last node's layer; '' outside any layer. */
  readonly layer: string;
  /** The part of the training step that the last node belongs to. */
  readonly phase: Phase;
  /** The error of the last node's result. */
  readonly judgement: Judgement;
  /**
   * The smallest part that reproduces the error, on one image if that is enough; absent if the error did not occur
   * again.
   */
  readonly smallest?: { readonly problem: Problem; readonly trial: Trial };
}

/** Returns three lines: what is wrong, where, and by how much. */
export function findingLines(graph: Graph, { kind, nodes, judgement }: Finding): readonly string[] {
  const { value, ratio, error, allowed, relativeL2, place, got, expected, bound, off, size } = judgement;
  const how = {
    alone: 'wrong by itself',
    group: 'right individually, wrong when compiled together',
    whole: 'wrong only in the whole graph, when only its outputs are read',
    once: 'wrong once, right when run again',
  }[kind];
  const around = bound === undefined ? '' : ` ± ${short(bound)}`;
  const beyond = bound === undefined ? '' : `, ${count(off)} of ${count(size)} values are off`;
  return [
    `${nodesText(graph, nodes)}: ${how}`,
    `worst at ${place} of ${typeText(typeOf(graph, value))}: got ${got}, expected ${expected}${around}${beyond}`,
    `error/bound ${short(ratio)}; in the L2 norm off by ${short(error)} (relative ${short(relativeL2)}), allowed ${short(allowed)}`,
  ];
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
