// Findings in words.
import type { Graph } from '@isonet/core';
import { typeOf, typeText } from '@isonet/core';
import type { Finding } from './bisect.ts';
import type { Judgement } from './judge.ts';
import { nodeAt } from './section.ts';

/** `node 14`, `nodes 14 to 16` or `nodes 3, 14, 16`: nodes as people count them, from 1. */
export function numbersText(nodes: readonly number[]): string {
  const counted = nodes.map((node) => node + 1);
  const [first = 0] = counted;
  const inARow = counted.length > 2 && counted.every((n, i) => n === first + i);
  const which = inARow ? `${first} to ${counted.at(-1)}` : counted.join(', ');
  return `${counted.length === 1 ? 'node' : 'nodes'} ${which}`;
}

/**
 * `24 results read, none off by more than rounding`. Says nothing about the nodes: a result that is not read may be wrong.
 * @param of names the nodes where only some were judged: ` of nodes 22 to 71`
 */
export function resultsText(judgements: readonly Judgement[], of = ''): string {
  const wrong = judgements.filter(({ ratio }) => ratio > 1).length;
  const read = `${judgements.length} ${judgements.length === 1 ? 'result' : 'results'} read${of}`;
  return `${read}, ${wrong === 0 ? 'none' : wrong} off by more than rounding`;
}

/** `nin2.c1 (conv2d, node 14 of 147, forward)`; of several: `nin2.c1 (conv2d + biasAdd + relu, nodes 14 to 16 of 147, forward)` */
export function nodesText(graph: Graph, nodes: readonly number[]): string {
  const all = nodes.map((index) => nodeAt(graph, index));
  const layers = [...new Set(all.map(({ name }) => layerOf(name)))];
  const ways = [...new Set(all.map(({ name }) => wayOf(name)))];
  const ops = all.map(({ op }) => op).join(' + ');
  const which = `${numbersText(nodes)} of ${graph.nodes.length}`;
  return `${layers.join(', ')} (${ops}, ${which}, ${ways.join(' and ')})`;
}

/** The path of the layer that a node belongs to; of no layer: the graph's own. */
export function layerOf(name: string): string {
  return name.replace(/\/grad$/, '') || 'the network';
}

export function wayOf(name: string): 'forward' | 'backward' {
  return name.endsWith('/grad') ? 'backward' : 'forward';
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
