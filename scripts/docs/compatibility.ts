// Writes docs/compatibility.md and the data behind it, compatibility.json: measured for the devices of this machine, kept as
// recorded for the others.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backends, main, processIo } from '@isonet/cli';
import type { DeviceCompatibility } from '@isonet/conformance';
import { models } from '@isonet/runs';
import { root } from '../workspace.mjs';
import { compatibilityPage } from './compatibilityPage.ts';

type Devices = readonly DeviceCompatibility[];

const jsonFile = join(root, 'docs/compatibility.json');
const pageFile = join(root, 'docs/compatibility.md');

/** Writes both files. @throws Error when a device that is here does not open */
export async function writeCompatibility(): Promise<void> {
  const before = existsSync(jsonFile) ? recordedCompatibility().devices : [];
  const here = await compatibilityHere();
  const kept = before.map((old) => here.find(({ name }) => name === old.name) ?? old);
  const added = here.filter(({ name }) => before.every((old) => old.name !== name));
  const devices = [...kept, ...added];
  replaceFile(jsonFile, jsonText(devices));
  replaceFile(pageFile, pageText(devices));
}

/** What the repository has. */
export function recordedCompatibility(): { readonly devices: Devices; readonly page: string } {
  const devices = JSON.parse(readFileSync(jsonFile, 'utf8')) as Devices;
  return { devices, page: readFileSync(pageFile, 'utf8') };
}

/** What `isonet conformance --compatibility --json` says on this machine. @throws Error when a device does not open */
export async function compatibilityHere(): Promise<Devices> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  const argv = ['conformance', '--compatibility', '--json'];
  const code = await main(argv, { ...processIo(), stdout }, { backends, models });
  if (code !== 0) throw new Error(`isonet ${argv.join(' ')} exits with ${code}: ${text}`);
  return (JSON.parse(text) as { readonly devices: Devices }).devices;
}

/** The page, whose ops are linked to their documentation. */
export function pageText(devices: Devices): string {
  return compatibilityPage(devices, (op) => `api/core/ops.md#${op.toLowerCase()}`);
}

/** A line for each op, so that a change shows as one. */
function jsonText(devices: Devices): string {
  const parts = devices.map(({ name, ops }) => {
    const lines = ops.map((op) => `      ${JSON.stringify(op)}`).join(',\n');
    return `  {\n    "name": ${JSON.stringify(name)},\n    "ops": [\n${lines}\n    ]\n  }`;
  });
  return `[\n${parts.join(',\n')}\n]\n`;
}

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
