// ONNX Runtime's CPU provider in WebAssembly: the same code in Node and in browsers.
import type { Claims, DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { kernels } from '../../lowering/portable.ts';
import { firstLine } from '../tensors.ts';
import type { WebRuntime } from '../web/runtime.ts';
import type { Provider } from './provider.ts';
import { absenceError, absentDevice, checkNoTf32 } from './provider.ts';
import { trial } from './trial.ts';

/** The same claims as the native CPU provider: infinities and NaN follow IEEE 754, except in ReduceMax and MaxPool. */
const claims: Claims = {
  heldAs: 'float32',
  reproducible: true,
  subnormals: true,
  nonFinite: true,
  maxima: { max: 'all', reduceMax: 'infinities', maxPool2d: 'none' },
};

export const wasm: Provider<WebRuntime> = {
  id: 'wasm',
  find: (runtime) =>
    runtime.missing === undefined ? infoOf(runtime, runtime.threads) : absentDevice('wasm', runtime.missing),
  open: async (runtime, options) => {
    checkNoTf32('wasm', options);
    if (runtime.missing !== undefined) throw absenceError('wasm', runtime.missing);
    const threads = threadsOf(runtime, options);
    await runtime.settle('wasm', threads);
    const session = { provider: 'wasm', threads };
    try {
      await trial(runtime, session);
    } catch (error) {
      throw absenceError('wasm', failure(runtime, firstLine(error)), error);
    }
    const info = infoOf(runtime, threads);
    return {
      info,
      claims,
      session,
      table: kernels,
      inChunks: false,
      settings: { threads },
      runtime: [info.text],
    };
  },
};

/** Returns the number of threads. @throws BackendError `OPTION` if more are requested than are possible */
function threadsOf({ threads, oneThread }: WebRuntime, options: OpenOptions): number {
  const { threads: requested = threads } = options;
  if (requested === 1 || oneThread === undefined) return requested;
  const { reason, fix } = oneThread;
  throw new BackendError('OPTION', `onnx "wasm": threads: expected 1, got ${requested}: ${reason}; ${fix}`);
}

function failure({ folder }: WebRuntime, line: string): { code: string; reason: string; fix: string } {
  return {
    code: 'WASM_FAILED',
    reason: `ONNX Runtime's WebAssembly failed to start: ${line}`,
    fix:
      folder === undefined
        ? 'serve the .wasm files of onnxruntime-web and pass their folder: onnxFrom(folder)'
        : `check that ${folder} contains the .wasm and .mjs files of onnxruntime-web`,
  };
}

function infoOf({ version }: WebRuntime, threads: number): DeviceInfo {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return { id: 'wasm', kind: 'cpu', text: `ONNX Runtime ${version} in WebAssembly with SIMD, ${count}` };
}
