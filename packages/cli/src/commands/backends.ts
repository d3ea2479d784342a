// isonet backends: lists the backends and devices of this machine, the choice of auto, and how to install what is missing.
import type { AbsentDevice, DeviceInfo, Probe } from '@isonet/core';
import { deviceOfRank, probe, ranks } from '@isonet/runs';
import type { Context } from '../context.ts';
import { hasColor, printJson, printLine, printStyled } from '../io.ts';
import { table } from '../show/table.ts';
import { colors } from '../show/text.ts';
import { visible } from '../show/visible.ts';

/** Options of {@link backends}. */
export interface BackendsOptions {
  readonly json?: boolean;
}

interface Finding {
  readonly name: string;
  readonly found: Probe;
}

/** Lists the backends and devices on this machine, and how to install the others. @returns the exit code */
export async function backends({ io, backends: known }: Context, { json }: BackendsOptions): Promise<number> {
  const findings: Finding[] = [];
  for (const entry of known) findings.push({ name: entry.name, found: await probe(entry) });
  const auto = choice(findings);
  if (json) {
    printJson(io, {
      backends: findings.map(({ name, found }) => ({ name, ...found })),
      auto: auto
        ? { backend: auto.backend, device: auto.device.id, deviceText: auto.device.text, why: auto.reason }
        : null,
    });
    return 0;
  }
  const { bold, dim, green } = colors(hasColor(io));
  const missing = { text: 'missing', paint: dim };
  const rows = findings.flatMap(({ name, found }) =>
    found.ok
      ? [
          ...found.devices.map(({ id, kind, text }) => [name, id, kind, text]),
          ...absentOf(found).map(({ id, reason }) => [name, id, missing, reason]),
        ]
      : [[name, '-', missing, found.reason]],
  );
  const lines = table(
    ['backend', 'device', 'kind', 'description'].map((text) => ({ head: text })),
    rows,
  );
  lines.forEach((line, i) => printStyled(io, i === 0 ? bold(line) : line));
  printLine(io);
  printStyled(
    io,
    auto
      ? `auto selects ${green(visible(`${auto.backend}, ${auto.device.id}`))} (${visible(auto.reason)})`
      : 'auto finds no device',
  );
  for (const { name, found } of findings) {
    if (!found.ok) printLine(io, `to get ${name}: ${found.fix}`);
    for (const { id, fix } of absentOf(found)) printLine(io, `to get ${name}, ${id}: ${fix}`);
  }
  return 0;
}

function absentOf(found: Probe): readonly AbsentDevice[] {
  return found.ok && found.absent !== undefined ? found.absent : [];
}

function choice(
  findings: readonly Finding[],
): { backend: string; device: DeviceInfo; reason: string } | undefined {
  for (const rank of ranks) {
    const finding = findings.find(({ name }) => name === rank.backend);
    const device = finding && deviceOfRank(rank, finding.found);
    if (device) return { backend: rank.backend, device, reason: rank.reason };
  }
  return undefined;
}
