// A backend over a runtime: what is there, and opening it. ONNX Runtime's cpu provider is its only device.
import type { Backend, Probe } from '@isonet/core';
import { BackendError, checkOptions, messageOf } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import { deviceOver, infoOf } from './device.ts';
import { kernels } from './lowering/portable.ts';
import type { Runtime } from './runtime/load.ts';
import { fix } from './runtime/load.ts';

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
        const code = error instanceof BackendError ? error.code : 'LOAD';
        return { ok: false, code, reason: messageOf(error), fix };
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
