// Renders nodes and judgements as text.
import { nodeAt } from '@isonet/conformance/judging';
import type { Graph } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Judgement } from './judge.ts';

/** `node 14`, `nodes 14 to 16` or `nodes 3, 14, 16`, counted from 1. */
export function numbersText(nodes: readonly number[]): string {
  const counted = nodes.map((node) => node + 1);
  const first = defined(counted[0], 'the first node');
  const inARow = counted.length > 2 && counted.every((n, i) => n === first + i);
  const which = inARow ? `${first} to ${counted.at(-1)}` : counted.join(', ');
  return `${counted.length === 1 ? 'node' : 'nodes'} ${which}`;
}

/**
 * `24 results read, none off by more than rounding`. The text does not claim that the nodes are right: a result that
 * is not read may be wrong.
 * @param of the nodes, if only some were judged: ` of nodes 22 to 71`
 */
export function resultsText(judgements: readonly Judgement[], of = ''): string {
  const wrong = judgements.filter(({ ratio }) => ratio > 1).length;
  const read = `${judgements.length} ${judgements.length === 1 ? 'result' : 'results'} read${of}`;
  return `${read}, ${wrong === 0 ? 'none' : wrong} off by more than rounding`;
}

/** `nin2.c1 (conv2d, node 14 of 131, forward)` or `nin2.c1 (conv2d + biasAdd + relu, nodes 14 to 16 of 131, forward)` */
export function nodesText(graph: Graph, nodes: readonly number[]): string {
  const all = nodes.map((index) => nodeAt(graph, index));
  const layers = [...new Set(all.map(({ origin }) => layerText(origin.layer)))];
  const phases = [...new Set(all.map(({ origin }) => origin.phase))];
  const ops = all.map(({ op }) => op).join(' + ');
  const which = `${numbersText(nodes)} of ${graph.nodes.length}`;
  return `${layers.join(', ')} (${ops}, ${which}, ${phases.join(' and ')})`;
}

/** Returns the path of a layer; `the network` for nodes outside any layer. */
export function layerText(layer: string): string {
  return layer === '' ? 'the network' : layer;
}
