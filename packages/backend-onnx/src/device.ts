// The backend and its device: ONNX Runtime's cpu provider.
import type { Backend, Claims, DeviceInfo, Probe } from '@isonet/core';
import { BackendError, checkOptions, makeDevice, messageOf } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import { supports } from '@isonet/onnx/write';
import { kernels } from './lowering/portable.ts';
import { hostMemory } from './memory.ts';
import { buildProgram } from './program.ts';
import type { Runtime } from './runtime/load.ts';
import { fix, loadRuntime } from './runtime/load.ts';
import { version } from './version.ts';

/** ONNX Runtime, `onnxruntime-node`: the device `cpu`. Options of `open`: `device`, `threads`. */
export const onnx: Backend = backendOver(loadRuntime);

/** Infinities and NaN are IEEE's in arithmetic; MaxPool and ReduceMax skip NaN. */
const claims: Claims = { heldAs: 'float32', reproducible: true, subnormals: true, nonFinite: true };

/** The backend over another way to load the runtime, or with other kernels of the same ops. */
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
      const info = infoOf(runtime, threads);
      return makeDevice({
        backend: name,
        info,
        numerics: { float32: claims },
        // The operators order sums; the library, its threads and the processor pick the kernels that do.
        runtime: [`@isonet/backend-onnx ${version}`, runtime.platform, info.text, ...runtime.features].join(
          ', ',
        ),
        options: { device, threads },
        memory: hostMemory,
        order: 'queued',
        supports: (node) => supports(node, table),
        build: (request) => buildProgram({ runtime, threads, table }, request),
      });
    },
  };
}

function infoOf({ version: release, processor }: Runtime, threads: number): DeviceInfo {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return { id: 'cpu', kind: 'cpu', text: `ONNX Runtime ${release}, ${count}, ${processor}` };
}
