// Backends and devices that need not be there.
import { reference } from '@isonet/backend-reference';
import type { Backend, DeviceInfo, Probe } from '@isonet/core';
import type { BackendEntry } from '@isonet/runs';

export const gpu: DeviceInfo = { id: 'gpu', kind: 'gpu', text: 'a card' };
export const cpu: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'a processor' };
export const software: DeviceInfo = { id: 'software', kind: 'software', text: 'a driver' };

/** The probe of a backend that has these devices. */
export function probeOf(name: string, devices: readonly DeviceInfo[]): Probe {
  return devices.length > 0
    ? { ok: true, devices }
    : { ok: false, code: 'NONE', reason: 'it is not installed', fix: `npm install ${name}` };
}

/** A backend with these devices, each the reference's under another info; one whose text is `broken` does not open. */
export function fake(name: string, ...devices: readonly DeviceInfo[]): BackendEntry {
  const backend: Backend = {
    name,
    contract: 2,
    probe: () => Promise.resolve(probeOf(name, devices)),
    open: async ({ device: id } = {}) => {
      const info = devices.find((device) => device.id === id) ?? devices[0];
      if (!info || info.text === 'broken') throw new Error('it is in use');
      const device = await reference.open();
      return Object.defineProperty(device, 'info', { value: info });
    },
  };
  return { name, load: () => Promise.resolve(backend) };
}

/** The reference, as a backend that computes in workers or, where that is asked for, on the calling thread: its device says which. */
export const threaded: BackendEntry = {
  ...fake('reference', { ...cpu, text: 'in a worker' }),
  loadHere: () => fake('reference', { ...cpu, text: 'on this thread' }).load(),
};
