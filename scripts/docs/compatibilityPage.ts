// Renders the compatibility table as a page of Markdown.
import type { DeviceCompatibility, OpCompatibility } from '@isonet/conformance';
import { casesOf } from '@isonet/conformance';
import type { Graph, OpName } from '@isonet/core';
import { definitionOf, typeOf } from '@isonet/core';
import { layerOps } from './layers.ts';
import type { OpGroup } from './opGroups.ts';
import { opGroups, opsOfGroup } from './opGroups.ts';

const LEGEND = [
  '- **native**: the device has a kernel for every case of the suite.',
  '- **decomposed**: it has none, so `compile` replaces the op by its decomposition into primitives: the same values, in more steps.',
  '- **partly**: it has a kernel for some cases; the footnote names those that are decomposed.',
  '- **refused**: `compile` throws `UnsupportedOpError`; the footnote has the reason.',
];

const INTRODUCTION = [
  'How each device runs each op. The table is made by compiling the forward graph of every case of the conformance suite and reading',
  'from the compiled graph whether the op is still there. All values are float32 unless the column `types` says otherwise.',
  '`npx isonet conformance` checks whether the results are right; `npx isonet conformance --compatibility` prints this table for your',
  'machine.',
];

const DEVICES = [
  'A _primitive_ is an op that every backend has to run; a _composite_ has a decomposition into primitives. The columns are backends',
  'with the devices that `npx isonet backends` lists: `software` is a WebGPU driver that runs the kernels of a GPU on the processor.',
  'The reference has kernels for primitives only, by design: the others are judged by it. Devices that were not present when this page',
  'was generated have no column.',
];

/**
 * A page of Markdown: a legend, a table of ops and devices for each group of ops, and the layers that are built from these ops.
 * @param devices the columns, in this order
 * @param opHref where an op is documented
 */
export function compatibilityPage(
  devices: readonly DeviceCompatibility[],
  opHref: (op: OpName) => string,
): string {
  const footnotes: string[] = [];
  const opLink = (op: OpName): string => `[\`${op}\`](${opHref(op)})`;
  const groups = opGroups.map((group) => groupSection(group, devices, footnotes, opLink));
  const sections = [
    '# Compatibility: ops and backends',
    ...[INTRODUCTION, LEGEND, DEVICES].map(joined),
    ...groups,
  ];
  return `${[...sections, layersSection(opLink), ...footnotes].join('\n\n')}\n`;
}

function joined(lines: readonly string[]): string {
  return lines.join('\n');
}

function groupSection(
  group: OpGroup,
  devices: readonly DeviceCompatibility[],
  footnotes: string[],
  opLink: (op: OpName) => string,
): string {
  const rows = opsOfGroup(group).map((op) => [
    opLink(op),
    definitionOf(op).kind,
    dtypesOfCases(op).join(', '),
    ...devices.map(({ name, ops }) => {
      const found = ops.find((one) => one.op === op);
      return cell(name, found, footnotes);
    }),
  ]);
  const heads = ['op', 'kind', 'types', ...devices.map(({ name }) => name)];
  // The column of types is left out where the whole group is float32.
  const shown = heads.map((_, i) => i !== 2 || rows.some((row) => row[2] !== ''));
  const pick = (row: readonly string[]): readonly string[] => row.filter((_, i) => shown[i]);
  return [`## ${group}`, '', ...table(pick(heads), rows.map(pick))].join('\n');
}

function cell(device: string, found: OpCompatibility | undefined, footnotes: string[]): string {
  if (!found) return 'not asked';
  const { op, support, notes } = found;
  if (notes.length === 0) return support;
  const id = `${op}-${device.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}`;
  footnotes.push(`[^${id}]: ${device}, \`${op}\`: ${notes.join('; ')}`);
  return `${support}[^${id}]`;
}

function layersSection(opLink: (op: OpName) => string): string {
  const links = (ops: readonly OpName[]): string => ops.map(opLink).join(', ') || '-';
  const rows = layerOps().map(({ name, inference, training }) => {
    const same = inference.join() === training.join();
    return [name, links(inference), same ? 'the same' : links(training)];
  });
  const head = 'What a network is written with, and the ops of the tables above that it becomes.';
  const heads = ['layer or loss', 'in inference', 'forward in training'];
  return ['## Layers and losses', '', head, '', ...table(heads, rows)].join('\n');
}

/** The lines of a table. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

/** The dtypes of the op's inputs and outputs in its cases, `bool -> float32`, sorted; empty if all of them are float32. */
function dtypesOfCases(op: OpName): readonly string[] {
  const all = new Set(casesOf[op].flatMap((test) => dtypesIn(test.forward(), op)));
  const types = [...all].toSorted();
  return types.every((text) => text === 'float32 -> float32') ? [] : types;
}

function dtypesIn(graph: Graph, op: OpName): readonly string[] {
  const dtypes = (values: Graph['nodes'][number]['inputs']): string =>
    [...new Set(values.map((value) => typeOf(graph, value).dtype))].join(', ');
  return graph.nodes
    .filter((node) => node.op === op)
    .map(({ inputs, outputs }) => `${dtypes(inputs)} -> ${dtypes(outputs)}`);
}
