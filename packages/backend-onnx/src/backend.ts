// A backend over a runtime: what is there, and opening it. ONNX Runtime's cpu provider is its only device.
import type { Backend, Probe } from '@isonet/core';
import { BackendError, checkOptions, messageOf } from '@isonet/core';
import { NativeError } from '@isonet/native';
import type { OnnxKernels } from '@isonet/onnx/write';
import { deviceOver, infoOf } from './device.ts';
import { kernels } from './lowering/portable.ts';
import type { Runtime } from './runtime/load.ts';

/**
 * The backend over a way to load the runtime.
 * @param table for tests: other kernels of the same ops
 */
export function backendOver(load: () => Promise<Runtime>, table: OnnxKernels = kernels): Backend {
  const name = 'onnx';
  return {
    name,
    contract: 2,
    probe: async (): Promise<Probe> => {
      try {
        const runtime = await load();
        return { ok: true, devices: [infoOf(runtime, runtime.threads)] };
      } catch (error) {
        return { ok: false, ...absence(error) };
      }
    },
    open: async (options = {}) => {
      checkOptions(name, options, ['device', 'threads']);
      const { device = 'cpu' } = options;
      if (device !== 'cpu') {
        throw new BackendError('NO_DEVICE', `${name}: no device "${device}"; there is "cpu"`);
      }
      const runtime = await load();
      const { threads = runtime.threads } = options;
      return deviceOver({ runtime, threads, table });
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
