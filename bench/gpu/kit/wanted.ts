// Lists the devices that a machine with a GPU must have. Without them, its results do not describe the GPU.
import type { AbsentDevice, Probe } from '@isonet/core';

/** A backend as `isonet backends --json` lists it. */
export type ListedBackend = { readonly name: string } & Probe;

/** The devices that the parts run on. */
const WANTED = ['onnx:cuda', 'webgpu:gpu'];

/** Returns the required devices that are not listed. */
export function missingDevices(backends: readonly ListedBackend[]): readonly string[] {
  const listed = new Set(
    backends.flatMap((found) => (found.ok ? found.devices.map(({ id }) => `${found.name}:${id}`) : [])),
  );
  return WANTED.filter((spec) => !listed.has(spec));
}

/** Returns every absent device by its full name, and a backend without devices by its own name. */
export function absentDevices(backends: readonly ListedBackend[]): readonly AbsentDevice[] {
  return backends.flatMap((found) => {
    if (!found.ok) return [{ id: found.name, reason: found.reason, fix: found.fix }];
    const { name, absent = [] } = found;
    return absent.map((device) => ({ ...device, id: `${name}:${device.id}` }));
  });
}
