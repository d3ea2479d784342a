// Runs `isonet backends`: lists the devices that isonet finds, and the one that `auto` would take.
import { isonet } from '../kit/isonet.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import type { ListedBackend } from '../kit/wanted.ts';
import { absentDevices, missingDevices } from '../kit/wanted.ts';

interface Listed {
  readonly backends: readonly ListedBackend[];
  readonly auto: { readonly backend: string; readonly device: string; readonly why: string } | null;
}

await runPart(async ({ small, log, save }) => {
  let listed: Listed | undefined;
  const { code, stderr, others } = await isonet(
    ['backends', '--json'],
    (event) => (listed = event as Listed),
  );
  if (listed === undefined)
    throw new Error(`isonet backends exits with ${code}: ${[stderr.trim(), ...others].join('; ')}`);
  const { backends, auto } = listed;
  save(listed);
  for (const found of backends) {
    if (found.ok) for (const { id, text } of found.devices) log(`${found.name}:${id} ${text}`);
  }
  for (const { id, reason, fix } of absentDevices(backends)) log(`${id}: absent: ${reason}; ${fix}`);
  const missing = missingDevices(backends);
  if (missing.length > 0 && !small)
    throw new WrongResult(`missing: ${missing.join(', ')}; see the log for the reasons`);
  if (auto === null) throw new Error('auto finds no device');
  return `auto takes ${auto.backend}:${auto.device} (${auto.why})`;
});
