// Devices that need not be there, and what the probe of a backend that has them says.
import type { DeviceInfo, Probe } from '@isonet/core';

export const gpu: DeviceInfo = { id: 'gpu', kind: 'gpu', text: 'a card' };
export const cpu: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'a processor' };
export const software: DeviceInfo = { id: 'software', kind: 'software', text: 'a driver' };

export function probeOf(name: string, devices: readonly DeviceInfo[]): Probe {
  return devices.length > 0
    ? { ok: true, devices }
    : { ok: false, code: 'NONE', reason: 'it is not installed', cure: `npm install ${name}` };
}
