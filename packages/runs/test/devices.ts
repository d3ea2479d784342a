// Test helpers: fake backends and devices.
import { reference } from '@isonet/backend-reference';
import type { Backend, DeviceInfo, Probe } from '@isonet/core';
import type { BackendEntry } from '@isonet/runs';

export const gpu: DeviceInfo = { id: 'gpu', kind: 'gpu', text: 'a card' };
export const cpu: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'a processor' };
export const software: DeviceInfo = { id: 'software', kind: 'software', text: 'a driver' };

/** Returns the probe of a backend with these devices. */
export function probeOf(name: string, devices: readonly DeviceInfo[]): Probe {
  return devices.length > 0
    ? { ok: true, devices }
    : { ok: false, code: 'NONE', reason: 'it is not installed', fix: `npm install ${name}` };
}

/**
 * Creates a backend with these devices, each of which is the reference device with different info. A device with the
 * text `broken` does not open.
 */
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

/**
 * The reference as a backend with a worker, and one on the calling thread. The device's text names the one that was opened.
 */
export const threaded: BackendEntry = {
  ...fake('reference', { ...cpu, text: 'in a worker' }),
  loadHere: () => fake('reference', { ...cpu, text: 'on this thread' }).load(),
};
