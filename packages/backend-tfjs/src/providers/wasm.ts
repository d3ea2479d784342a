// The provider of TensorFlow.js's WebAssembly backend. It makes the backend find its files, add no listeners to the process, and
// throw when its memory is full.
/* oxlint-disable no-underscore-dangle -- emscripten names a module's exports this way */
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { portable, portableClaims } from '../portable/index.ts';
import type { Tf } from '../tf.ts';
import { start } from '../tf.ts';
import { loadTfjs } from './cpu.ts';
import type { Provider } from './provider.ts';
import { checkNoTf32, checkOneThread, plainSettings, runtimeText } from './provider.ts';

const info: DeviceInfo = { id: 'wasm', kind: 'cpu', text: 'TensorFlow.js on WebAssembly, 1 thread' };

export const wasm: Provider = {
  id: 'wasm',
  find: () => info,
  open: async (options) => {
    checkOneThread('wasm', options);
    checkNoTf32('wasm', options);
    const tf = await loadTfjs();
    const version = await startWasm(tf);
    const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? ' with SIMD' : '';
    return {
      info: { ...info, text: `TensorFlow.js ${tf.version_core} on WebAssembly${simd}, 1 thread` },
      claims: portableClaims,
      tf,
      backendName: 'wasm',
      images: portable(tf),
      settings: plainSettings,
      runtime: runtimeText(tf, `tfjs-backend-wasm ${version}${simd}, 1 thread`),
    };
  },
};

/** The part of WebAssembly's 4 GiB that is for tensors. The library itself allocates from the rest, without checks. */
const MEMORY_LIMIT = 3.5 * 2 ** 30;

/** The part of TensorFlow.js's BackendWasm that is used here. */
interface WasmBackend {
  readonly wasm: { _malloc: (bytes: number) => number; readonly _free: (address: number) => void };
}

const guarded = new WeakSet<object>();

/** Starts the backend, once per process, and makes it the current one. @returns the version of its package */
async function startWasm(tf: Tf): Promise<string> {
  const { setWasmPaths, version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm');
  if (tf.findBackend('wasm') === null) {
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    await keepingListeners(() => tf.setBackend('wasm'));
  }
  const backend = tf.findBackend('wasm') as (ReturnType<Tf['backend']> & WasmBackend) | null;
  if (!backend) throw new BackendError('OPEN_FAILED', 'tfjs: the WebAssembly backend failed to start');
  guardMemory(backend);
  await start(tf, 'wasm');
  return version;
}

/**
 * Runs f, then removes the process's listeners that f has added. The module adds two: one turns every unhandled
 * rejection into an exception, and the other rethrows every uncaught exception, which bypasses the program's own
 * listeners.
 */
async function keepingListeners<T>(f: () => Promise<T>): Promise<T> {
  const [exceptions, rejections] = [
    process.listeners('uncaughtException'),
    process.listeners('unhandledRejection'),
  ];
  const result = await f();
  for (const listener of process.listeners('uncaughtException')) {
    if (!exceptions.includes(listener)) process.removeListener('uncaughtException', listener);
  }
  for (const listener of process.listeners('unhandledRejection')) {
    if (!rejections.includes(listener)) process.removeListener('unhandledRejection', listener);
  }
  return result;
}

/** Makes allocation throw when memory is full. Otherwise a tensor would silently be written to address 0, over other data. */
function guardMemory({ wasm: module }: WasmBackend): void {
  if (guarded.has(module)) return;
  guarded.add(module);
  module._free(module._malloc(1)); // the module replaces its _malloc on the first call
  const allocate = module._malloc;
  module._malloc = (bytes) => {
    const address = bytes < MEMORY_LIMIT ? allocate(bytes) >>> 0 : 0;
    if (address !== 0 && address + bytes <= MEMORY_LIMIT) return address;
    if (address !== 0) module._free(address);
    const size = Math.ceil(bytes / 2 ** 20);
    throw new BackendError(
      'OUT_OF_MEMORY',
      `WebAssembly's memory is full: cannot allocate ${size} MiB; use a smaller batch`,
    );
  };
}
