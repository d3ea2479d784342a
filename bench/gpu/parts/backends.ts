// `isonet backends`: what isonet itself finds, and what it would take.
import type { Probe } from '@isonet/core';
import { isonet } from '../kit/isonet.ts';
import { runPart } from '../kit/part.ts';

interface Listed {
  readonly backends: readonly ({ readonly name: string } & Probe)[];
  readonly auto: { readonly backend: string; readonly device: string; readonly why: string } | null;
}

await runPart(async ({ log, save }) => {
  let listed: Listed | undefined;
  const { code, stderr } = await isonet(['backends', '--json'], (event) => (listed = event as Listed));
  if (listed === undefined) throw new Error(`isonet backends exits with ${code}: ${stderr.trim()}`);
  const { backends, auto } = listed;
  save(listed);
  for (const found of backends) {
    if (!found.ok) log(`${found.name}: not here: ${found.reason}; ${found.fix}`);
    else for (const { id, text } of found.devices) log(`${found.name}:${id} ${text}`);
  }
  if (auto === null) throw new Error('auto finds no device');
  return `auto takes ${auto.backend}:${auto.device} (${auto.why})`;
});
