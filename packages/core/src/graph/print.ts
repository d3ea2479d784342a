// Formats graphs and nodes as text for messages, diffs and reading.
import { typeText } from '../tensor.ts';
import type { Graph, Node, Origin, ValueId } from './graph.ts';
import { typeOf } from './typeOf.ts';

/** Formats an origin for people: `nin1.c1`, or `nin1.c1/grad` for the backward pass. Programs should read the fields. */
export function originText({ layer, phase }: Origin): string {
  return phase === 'backward' ? `${layer}/grad` : layer;
}

/** Formats a node for messages: `conv2d "nin1.c1"`. */
export function nodeText({ op, origin }: Pick<Node, 'op' | 'origin'>): string {
  return `${op} "${originText(origin)}"`;
}

/** Formats a graph as text for reading and diffs, one line per value. */
export function print(graph: Graph): string {
  const typed = (value: ValueId): string => `%${value}: ${typeText(typeOf(graph, value))}`;
  const lines = [`graph ${graph.name}`];
  for (const { name, value } of graph.inputs) lines.push(`  ${typed(value)} = input "${name}"`);
  for (const { name, value } of graph.state) lines.push(`  ${typed(value)} = state "${name}"`);
  for (const { value, data } of graph.constants) {
    lines.push(`  ${typed(value)} = constant ${data.data.length === 1 ? String(data.data[0]) : '...'}`);
  }
  for (const node of graph.nodes) {
    const attrs = Object.entries(node.attrs).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const inputs = node.inputs.map((value) => `%${value}`).join(', ');
    const call = [`${node.op}(${inputs})`, ...attrs].join(' ');
    lines.push(`  ${node.outputs.map(typed).join(', ')} = ${call}  # ${originText(node.origin)}`);
  }
  for (const { name, value } of graph.outputs) lines.push(`  output "${name}" = %${value}`);
  for (const { name, value } of graph.updates) lines.push(`  update "${name}" = %${value}`);
  return lines.join('\n');
}
