// The findings of a search, and how they read.
import type { Graph, Phase } from '@isonet/core';
import { typeOf, typeText } from '@isonet/core';
import type { Judgement } from './judge.ts';
import type { Problem } from './problem.ts';
import { nodesText } from './text.ts';
import type { Trial } from './trial.ts';

/** The nodes whose result is wrong on the device, and the proof. */
export interface Finding {
  /**
   * 'alone': the op by itself is wrong; 'group': only these nodes together are; 'whole': only the whole graph is, when
   * nothing but its outputs is read; 'once': it was wrong, and right when the same was run again.
   */
  readonly kind: 'alone' | 'group' | 'whole' | 'once';
  /** Indices of the graph's nodes, ascending; the last one's result is wrong. */
  readonly nodes: readonly number[];
  /** The path of the layer of that last node; '' outside of any. */
  readonly layer: string;
  /** The part of the training step in which that node is. */
  readonly phase: Phase;
  /** How far off it is. */
  readonly judgement: Judgement;
  /** The smallest piece that shows it, on one image where that is enough; absent where it was not seen again. */
  readonly smallest?: { readonly problem: Problem; readonly trial: Trial };
}

/** What is wrong, where, and by how much; three lines. */
export function findingLines(graph: Graph, { kind, nodes, judgement }: Finding): readonly string[] {
  const { value, ratio, error, allowed, relativeL2, place, got, expected, bound, off, size } = judgement;
  const how = {
    alone: 'wrong by itself',
    group: 'right one by one, wrong when they are compiled together',
    whole: 'wrong only in the whole graph, when nothing but its outputs is read',
    once: 'wrong once, and not again when the same was run once more',
  }[kind];
  const around = bound === undefined ? '' : ` ± ${short(bound)}`;
  const beyond = bound === undefined ? '' : `, ${count(off)} of ${count(size)} numbers are off`;
  return [
    `${nodesText(graph, nodes)}: ${how}`,
    `worst at ${place} of ${typeText(typeOf(graph, value))}: got ${got}, expected ${expected}${around}${beyond}`,
    `error/bound ${short(ratio)}; together off by ${short(error)} in the L2 norm (relative ${short(relativeL2)}), allowed ${short(allowed)}`,
  ];
}

function short(number: number): string {
  return String(Number(number.toPrecision(3)));
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
