// Writes docs/compatibility.md and the data behind it, compatibility.json. Measures the devices of this machine, and
// leaves the columns of all others unchanged.
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

/** Writes both files. @throws Error if an available device does not open */
export async function writeCompatibility(): Promise<void> {
  const before = existsSync(jsonFile) ? recordedCompatibility().devices : [];
  const here = await compatibilityHere();
  const kept = before.map((old) => here.find(({ name }) => name === old.name) ?? old);
  const added = here.filter(({ name }) => before.every((old) => old.name !== name));
  const devices = [...kept, ...added];
  replaceFile(jsonFile, jsonText(devices));
  replaceFile(pageFile, pageText(devices));
}

/** Reads both files. */
export function recordedCompatibility(): { readonly devices: Devices; readonly page: string } {
  const devices = JSON.parse(readFileSync(jsonFile, 'utf8')) as Devices;
  return { devices, page: readFileSync(pageFile, 'utf8') };
}

/** Runs `isonet conformance --compatibility --json` on this machine. @throws Error if a device does not open */
export async function compatibilityHere(): Promise<Devices> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  const argv = ['conformance', '--compatibility', '--json'];
  const code = await main(argv, { ...processIo(), stdout }, { backends, models });
  if (code !== 0) throw new Error(`isonet ${argv.join(' ')} exits with ${code}: ${text}`);
  return (JSON.parse(text) as { readonly devices: Devices }).devices;
}

/** Renders the page, with links from the ops to their documentation. */
export function pageText(devices: Devices): string {
  return compatibilityPage(devices, (op) => `api/core/ops.md#${op.toLowerCase()}`);
}

/** Writes one line per op, so that diffs are small. */
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
