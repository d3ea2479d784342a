// The backend: lists the devices and opens one of its providers.
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
 * TensorFlow.js. Its devices are `cuda`, `tensorflow`, `wasm` and `cpu`, the fastest first. `open` opens the first
 * one that works, unless `device` selects a specific one. `tensorflow` needs `@tensorflow/tfjs-node`, which
 * `npx -p @isonet/backend-tfjs isonet-tensorflow` builds. `cuda` needs `@tensorflow/tfjs-node-gpu`, which the same command builds
 * with `--cuda`. If ISONET_TENSORFLOW names a folder, the packages are looked up only there. Otherwise they are
 * looked up next to this package, in the project of the working directory, and in the command's default folder.
 * `tensorflow` and `cuda` accept `threads`, and `cuda` also accepts `tf32`. Once the library is loaded, these
 * settings are fixed for the rest of the process.
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
    throw new BackendError('NO_DEVICE', `tfjs: unknown device "${id}"; expected one of ${known}`);
  }
  return deviceOf(await provider.open(options));
}

/**
 * Opens the fastest provider that works, which `Device.info` names. Providers that are missing or fail to open are
 * skipped. Throws if a provider rejects an option, because skipping that provider would silently run a slower one.
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
