// The compatibility table as a page of Markdown.
import type { OpName } from '@isonet/core';
import { definitionOf } from '@isonet/core';
import { layerOps } from './layers.ts';
import type { DeviceCompatibility, OpCompatibility } from '../../packages/conformance/src/suite/kernels.ts';
import { dtypesOfCases } from '../../packages/conformance/src/suite/kernels.ts';
import type { OpRoom } from './opGroups.ts';
import { opRooms, opsOfRoom } from './opGroups.ts';

const LEGEND = [
  '- **native**: the device has a kernel of its own for every case of the suite.',
  '- **decomposed**: it has none, so `compile` replaces the op by its decomposition into primitives: the same values, in more steps.',
  '- **partly**: a kernel for some cases; the footnote names those that are decomposed.',
  '- **refused**: `compile` throws `UnsupportedOpError`; the footnote has the reason.',
];

const INTRODUCTION = [
  'Each op, compiled for each device in the forward graphs of all its cases in the conformance suite. Whether it is native is read',
  'off the graph of the compiled program. All values are float32 unless the column `types` says otherwise. Whether the results are',
  'right is what `npx isonet conformance` checks; `npx isonet conformance --compatibility` prints this table for your machine.',
];

const DEVICES = [
  'A _primitive_ is an op that every backend has to run; a _composite_ has a decomposition. Columns are backends with the devices',
  'that `npx isonet backends` lists: `software` is a WebGPU driver on the processor, which runs the same kernels as a GPU. The',
  'reference has kernels of the primitives only, by design: it is what the others are judged by. A device that was not there when',
  'this page was written has no column.',
];

/**
 * A page of Markdown: a legend, a table of ops and devices for each room, and the layers that are written with these ops.
 * @param devices the columns, in this order
 * @param opHref where an op is documented
 */
export function compatibilityPage(
  devices: readonly DeviceCompatibility[],
  opHref: (op: OpName) => string,
): string {
  const footnotes: string[] = [];
  const opLink = (op: OpName): string => `[\`${op}\`](${opHref(op)})`;
  const rooms = opRooms.map((room) => roomSection(room, devices, footnotes, opLink));
  const sections = [
    '# Compatibility: ops and backends',
    ...[INTRODUCTION, LEGEND, DEVICES].map(joined),
    ...rooms,
  ];
  return `${[...sections, layersSection(opLink), ...footnotes].join('\n\n')}\n`;
}

function joined(lines: readonly string[]): string {
  return lines.join('\n');
}

function roomSection(
  room: OpRoom,
  devices: readonly DeviceCompatibility[],
  footnotes: string[],
  opLink: (op: OpName) => string,
): string {
  const rows = opsOfRoom(room).map((op) => [
    opLink(op),
    definitionOf(op).kind,
    dtypesOfCases(op).join(', '),
    ...devices.map(({ name, ops }) => {
      const found = ops.find((one) => one.op === op);
      return cell(name, found, footnotes);
    }),
  ]);
  const heads = ['op', 'kind', 'types', ...devices.map(({ name }) => name)];
  // A column for which the room has nothing to say is left out.
  const shown = heads.map((_, i) => i !== 2 || rows.some((row) => row[2] !== ''));
  const pick = (row: readonly string[]): readonly string[] => row.filter((_, i) => shown[i]);
  return [`## ${room}`, '', ...table(pick(heads), rows.map(pick))].join('\n');
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
