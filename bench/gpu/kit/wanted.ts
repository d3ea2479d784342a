// What a machine with a card has to offer, or its numbers say nothing about the card.
import type { AbsentDevice, Probe } from '@isonet/core';

/** A backend as `isonet backends --json` lists it. */
export type ListedBackend = { readonly name: string } & Probe;

/** What the parts run on. */
const WANTED = ['onnx:cuda', 'webgpu:gpu'];

/** The devices that the pack is for and that are not listed. */
export function missingDevices(backends: readonly ListedBackend[]): readonly string[] {
  const listed = new Set(
    backends.flatMap((found) => (found.ok ? found.devices.map(({ id }) => `${found.name}:${id}`) : [])),
  );
  return WANTED.filter((spec) => !listed.has(spec));
}

/** Every device that is not here, by its full name; a backend without devices by its own. */
export function absentDevices(backends: readonly ListedBackend[]): readonly AbsentDevice[] {
  return backends.flatMap((found) => {
    if (!found.ok) return [{ id: found.name, reason: found.reason, fix: found.fix }];
    const { name, absent = [] } = found;
    return absent.map((device) => ({ ...device, id: `${name}:${device.id}` }));
  });
}
