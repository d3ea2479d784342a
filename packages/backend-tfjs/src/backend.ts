// The backend: what is there, and which provider to open.
import type { Backend, Device } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { TfjsDevice } from './device.ts';
import { providers } from './providers.ts';

/**
 * TensorFlow.js. A device's id is its provider's: `cuda`, `tensorflow`, `wasm`, `cpu`, the fastest first. The first two need
 * `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`, installed where the program runs.
 */
export const tfjs: Backend = {
  name: 'tfjs',
  probe: async () => ({ ok: true, devices: providers.flatMap((provider) => provider.find() ?? []) }),
  open: async (deviceId) => (deviceId === undefined ? openFastest() : openNamed(deviceId)),
};

async function openNamed(id: string): Promise<Device> {
  const provider = providers.find((candidate) => candidate.id === id);
  if (!provider) {
    const known = providers.map((candidate) => `"${candidate.id}"`).join(', ');
    throw new BackendError('NO_DEVICE', `tfjs: no device "${id}"; there may be ${known}`);
  }
  return new TfjsDevice(await provider.open());
}

/** A provider that is not installed, or does not work, leaves the place to the next; the device says which it is. */
async function openFastest(): Promise<Device> {
  const errors: BackendError[] = [];
  for (const provider of providers) {
    try {
      return new TfjsDevice(await provider.open());
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      errors.push(error);
    }
  }
  throw new BackendError(
    'NO_DEVICE',
    `tfjs: no provider works: ${errors.map(({ message }) => message).join('; ')}`,
  );
}
