// The backend that core uses: lists the devices and opens one of them.
import type { Backend, Probe } from '@isonet/core';
import { BackendError, checkOptions } from '@isonet/core';
import type { Absence } from './adapters/gpu.ts';
import { listAdapters, openAdapter } from './adapters/open.ts';
import { deviceOver } from './device.ts';

/**
 * WebGPU, with isonet's own WGSL kernels: Dawn in Node, `navigator.gpu` in browsers. Its devices are the adapters `gpu`,
 * `low-power`, `fallback` and `software`; `probe` lists the available ones. Options of `open`: `device` (default: the first
 * adapter that is not a software driver) and `limits`, WebGPU's limits by name. If there is no hardware adapter and no
 * `device` is given, `open` throws BackendError with the reason and the fix.
 */
export const webgpu: Backend = {
  name: 'webgpu',
  contract: 2,
  probe: async (): Promise<Probe> => {
    const { adapters, absent } = await listAdapters();
    return adapters.length > 0 ? { ok: true, devices: adapters } : { ok: false, ...reasonOf(absent) };
  },
  open: async (options = {}) => {
    checkOptions('webgpu', options, ['device', 'limits']);
    return deviceOver(await openAdapter(options.device ?? (await firstHardware()), options.limits));
  },
};

async function firstHardware(): Promise<string> {
  const { adapters, absent } = await listAdapters();
  const hardware = adapters.find(({ kind }) => kind !== 'software');
  if (hardware) return hardware.id;
  const { code, reason, fix } = reasonOf(absent);
  const software = adapters.map(({ id }) => `; or open "${id}", which computes on the CPU`).join('');
  throw new BackendError(code, `webgpu: ${reason}; ${fix}${software}`);
}

/** Returns the first absence, which explains why there is no hardware. */
function reasonOf([first]: readonly Absence[]): Absence {
  if (!first)
    throw new BackendError('NO_ADAPTER', "webgpu: no adapter found; install or update the GPU's driver");
  return first;
}
