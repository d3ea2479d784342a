// isonet conformance --compatibility: lists the ops for which each device has a kernel, which it decomposes and which it refuses.
import type { DeviceCompatibility } from '@isonet/conformance';
import { compatibility } from '@isonet/conformance';
import { definitionOf, opNames } from '@isonet/core';
import type { OpName } from '@isonet/core';
import type { DeviceRequest } from '@isonet/runs';
import { unknownName } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { hasColor, printJson, printLine, printNote, printStyled } from '../io.ts';
import { table } from '../show/table.ts';
import { colors } from '../show/text.ts';
import { Stop } from '../stop.ts';
import { findSubjects, notRunLines } from '../subjects.ts';
import { errorLine } from '../usage.ts';

/** Options of {@link compatibilityOf}. */
export interface CompatibilityOptions extends DeviceRequest {
  readonly filter?: string;
  readonly json?: boolean;
}

/** Compiles every op on every device. @returns 0; 1 if a device does not open; 128 + the signal number if a signal stopped it */
export async function compatibilityOf(
  { io, backends }: Context,
  options: CompatibilityOptions,
): Promise<number> {
  const { json = false, filter } = options;
  const ops = chosenOps(filter);
  const { run, leftOut, missing } = await findSubjects(backends, options, io.cwd);
  const devices: DeviceCompatibility[] = [];
  const unopened: { readonly name: string; readonly reason: string }[] = [];
  const stop = new Stop(io);
  stop.listen(() => printNote(io, 'stopping after the current device; interrupt again to exit at once'));
  try {
    for (const { subject } of run) {
      // Node can deliver a signal only between two devices.
      await new Promise((resolve) => setImmediate(resolve));
      if (stop.aborted) break;
      try {
        await using device = await subject.open();
        devices.push(await compatibility(subject.name, device, ops));
      } catch (error) {
        unopened.push({ name: subject.name, reason: errorLine(error) });
      }
    }
  } finally {
    stop.end();
  }
  if (json) {
    printJson(io, { devices, unopened, leftOut, missing, interrupted: stop.aborted });
  } else {
    printTable(io, devices);
    for (const line of notRunLines({ leftOut, missing })) printLine(io, line);
    for (const { name, reason } of unopened) printLine(io, `${name} failed: ${reason}`);
  }
  return stop.exitCode ?? (unopened.length === 0 ? 0 : 1);
}

/** Returns the ops that match the filter. @throws UsageError for a filter that matches no op */
function chosenOps(filter = ''): readonly OpName[] {
  const exact = opNames.filter((op) => op === filter);
  const chosen = exact.length > 0 ? exact : opNames.filter((op) => op.startsWith(filter));
  if (chosen.length === 0) throw unknownName('op', filter, opNames);
  return chosen;
}

function printTable(io: Io, devices: readonly DeviceCompatibility[]): void {
  if (devices.length === 0) return;
  const { bold } = colors(hasColor(io));
  const tested = new Set(devices.flatMap(({ ops }) => ops.map(({ op }) => op)));
  const shown = opNames.filter((op) => tested.has(op));
  const rows = shown.map((op) => [op, definitionOf(op).kind, ...devices.map((device) => cell(device, op))]);
  const heads = ['op', 'kind', ...devices.map(({ name }) => name)].map((head) => ({ head }));
  table(heads, rows).forEach((line, i) => printStyled(io, i === 0 ? bold(line) : line));
  printLine(io);
  for (const { name, ops } of devices) {
    for (const { notes } of ops) for (const note of notes) printLine(io, `${name} ${note}`);
  }
  printLine(
    io,
    'native: has a kernel; decomposed: runs as primitives; partly: native or decomposed, by case; refused: does not run',
  );
}

function cell({ ops }: DeviceCompatibility, op: OpName): string {
  return ops.find((one) => one.op === op)?.support ?? '-';
}
