// A backend over a runtime: which of its execution providers are there, and opening one.
import type { Backend, Probe } from '@isonet/core';
import { BackendError, checkOptions, messageOf } from '@isonet/core';
import { NativeError } from '@isonet/native';
import type { OnnxKernels } from '@isonet/onnx/write';
import { deviceOver } from './device.ts';
import type { Runtime } from './runtime/load.ts';
import { cpu, portable } from './runtime/providers/cpu.ts';
import { cuda } from './runtime/providers/cuda.ts';
import type { Provider } from './runtime/providers/provider.ts';
import { webgpu } from './runtime/providers/webgpu.ts';

/** The first is what `open` takes where no other is named: it is always there, and the only one that has been run by its authors. */
const all: readonly Provider[] = [cpu, portable, cuda, webgpu];

/**
 * The backend over a way to load the runtime.
 * @param table for tests: other kernels of the same ops
 * @param providers for tests: those that it offers
 */
export function backendOver(
  load: () => Promise<Runtime>,
  table?: OnnxKernels,
  providers: readonly Provider[] = all,
): Backend {
  const name = 'onnx';
  return {
    name,
    contract: 2,
    probe: async (): Promise<Probe> => {
      try {
        const runtime = await load();
        const found = providers.map((provider) => provider.find(runtime));
        return {
          ok: true,
          devices: found.filter((device) => 'kind' in device),
          absent: found.filter((device) => 'reason' in device),
        };
      } catch (error) {
        return { ok: false, ...absence(error) };
      }
    },
    open: async (options = {}) => {
      checkOptions(name, options, ['device', 'threads', 'tf32']);
      const { device = 'cpu' } = options;
      const provider = providers.find(({ id }) => id === device);
      if (!provider) {
        const known = providers.map(({ id }) => `"${id}"`).join(', ');
        throw new BackendError('NO_DEVICE', `${name}: no device "${device}"; there may be ${known}`);
      }
      const runtime = await load();
      const opened = await provider.open(runtime, options);
      return deviceOver(runtime, table ? { ...opened, table } : opened);
    },
  };
}

/** Why the runtime cannot be had, and what to do about it. */
function absence(error: unknown): { readonly code: string; readonly reason: string; readonly fix: string } {
  const code = error instanceof BackendError ? error.code : 'LOAD';
  const { cause } = error instanceof Error ? error : { cause: undefined };
  return cause instanceof NativeError
    ? { code, reason: cause.reason, fix: cause.fix }
    : { code, reason: messageOf(error), fix: 'install @isonet/backend-onnx again' };
}
