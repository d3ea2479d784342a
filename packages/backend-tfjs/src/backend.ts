// The backend: what is there, and which provider to open.
import type { Backend, Device, OpenOptions } from '@isonet/core';
import { BackendError, checkOptions } from '@isonet/core';
import { deviceOf } from './device.ts';
import { cpu } from './providers/cpu.ts';
import type { Provider } from './providers/provider.ts';
import { cuda, tensorflow } from './providers/tensorflow.ts';
import { wasm } from './providers/wasm.ts';

/** The fastest first. */
const providers: readonly Provider[] = [cuda, tensorflow, wasm, cpu];

/**
 * TensorFlow.js. Its devices, the fastest first: `cuda`, `tensorflow`, `wasm`, `cpu`; `open` takes the first that works
 * unless `device` names one. `tensorflow` needs `@tensorflow/tfjs-node`, which
 * `npx -p @isonet/backend-tfjs isonet-tensorflow` builds, and `cuda` needs `@tensorflow/tfjs-node-gpu`, which the same command builds
 * with `--cuda`. They are looked for in the
 * folder that ISONET_TENSORFLOW names, or else beside this package, in the project of the working directory, and where that
 * command puts them. Both take `threads`, and `cuda` takes `tf32`; these settings stay fixed for the rest of the process once
 * the library is loaded.
 */
export const tfjs: Backend = {
  name: 'tfjs',
  contract: 2,
  probe: async () => {
    const found = providers.map((provider) => provider.find());
    return {
      ok: true,
      devices: found.filter((device) => 'kind' in device),
      absent: found.filter((device) => 'reason' in device),
    };
  },
  open: async (options = {}) => {
    checkOptions('tfjs', options, ['device', 'threads', 'tf32']);
    return options.device === undefined ? openFastest(options) : openNamed(options.device, options);
  },
};

async function openNamed(id: string, options: OpenOptions): Promise<Device> {
  const provider = providers.find((candidate) => candidate.id === id);
  if (!provider) {
    const known = providers.map((candidate) => `"${candidate.id}"`).join(', ');
    throw new BackendError('NO_DEVICE', `tfjs: no device "${id}"; there may be ${known}`);
  }
  return deviceOf(await provider.open(options));
}

/**
 * Falls through to the next provider when one is missing or fails to open; `Device.info` names the one that opened. Throws
 * when a provider refuses an option: falling through would silently run a slower one.
 */
async function openFastest(options: OpenOptions): Promise<Device> {
  const errors: BackendError[] = [];
  for (const provider of providers) {
    try {
      return deviceOf(await provider.open(options));
    } catch (error) {
      if (!(error instanceof BackendError) || error.code === 'OPTION') throw error;
      errors.push(error);
    }
  }
  throw new BackendError(
    'NO_DEVICE',
    `tfjs: no provider works: ${errors.map(({ message }) => message).join('; ')}`,
  );
}
