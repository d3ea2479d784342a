// ONNX Runtime in WebAssembly: the interface to the host, which is Node or a browser, and sessions on it. Nothing is loaded before
// the first session.
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { Tensor } from 'onnxruntime-common';
import type { Sessions } from '../sessions.ts';
import { toOrt } from '../tensors.ts';
import type { Ort } from './ort.ts';
import { createWebSession } from './ort.ts';

/** The version of onnxruntime-web that was tested, and the only one that is accepted. */
export const VERSION = '1.30.0';

/**
 * Returns the default number of threads, by ONNX Runtime's own rule for WebAssembly. On two processors, two threads
 * would be faster (decision 0032).
 */
export function threadsOn(processors: number): number {
  return Math.min(4, Math.ceil(processors / 2));
}

/** The files of onnxruntime-web that a page fetches: a WebAssembly module and, for threads, the script that starts it. */
const files = {
  wasm: 'ort-wasm-simd-threaded',
  webgpu: 'ort-wasm-simd-threaded.asyncify',
} as const;

/** An address, or a URL object. URL's type is spelled out because not every user has the types of the DOM or of Node. */
export type Folder = string | { readonly href: string };

export function hrefOf(folder: Folder): string {
  return typeof folder === 'string' ? folder : folder.href;
}

export type WebProvider = keyof typeof files;

/** The host of the library: Node or a browser. */
export interface WebHost {
  /** The reason why onnxruntime-web is unavailable; undefined if it is available. */
  readonly missing: Missing | undefined;
  /** The default number of threads. */
  readonly threads: number;
  /** The reason why there can be only one thread; undefined if there can be more. */
  readonly oneThread: Missing | undefined;
  /** The GPU for the provider `webgpu`, or the reason why there is none. */
  readonly gpu: Gpu | Missing;
  /** Loads the package's entry for a provider. */
  readonly load: (provider: WebProvider) => Promise<Ort>;
  /** The URL of the package's files, with a trailing slash; undefined if the bundler or Node finds them. */
  readonly folder: string | undefined;
  /** Returns a promise that resolves after the thread has handled its pending events. */
  readonly idle: () => Promise<void>;
}

export interface Gpu {
  readonly kind: DeviceInfo['kind'];
  readonly text: string;
  /** The browser with its version, which compiles the shaders. */
  readonly browser: string;
}

export interface WebRuntime extends Sessions, WebHost {
  /**
   * Fixes the settings of a provider for this thread, before its first session.
   * @throws BackendError `OPTION` if they are already fixed to other values
   */
  settle(provider: WebProvider, threads: number): Promise<void>;
}

export function webRuntime(host: WebHost): WebRuntime {
  return {
    ...host,
    version: VERSION,
    // The same code runs everywhere, with the exact arithmetic of IEEE 754.
    platform: 'WebAssembly',
    settle: async (provider, threads) => settle(await host.load(provider), host.folder, provider, threads),
    createSession: (model, { provider }) =>
      inTurn(async () => {
        const ort = await host.load(provider === 'webgpu' ? 'webgpu' : 'wasm');
        return createWebSession(ort, model, provider, host.idle);
      }),
    tensor: (tensor) => toOrt(Tensor, tensor),
  };
}

/** For each entry, the folder from which its files are loaded. */
const settled = new WeakMap<object, string | undefined>();

function settle({ env }: Ort, folder: string | undefined, provider: WebProvider, threads: number): void {
  const { wasm } = env;
  const before = wasm.numThreads;
  if (before !== undefined && before !== threads) {
    throw new BackendError(
      'OPTION',
      `onnx "${provider}": threads: expected ${before}, because WebAssembly has already started with that number on this thread, got ${threads}; open with threads: ${before}, or use a worker`,
    );
  }
  if (settled.has(env) && settled.get(env) !== folder) {
    throw new BackendError(
      'OPTION',
      `onnx "${provider}": folder: expected ${settled.get(env) ?? 'none'}, because WebAssembly has already started with it on this thread, got ${folder ?? 'none'}; use one folder, or a worker`,
    );
  }
  if (before !== undefined) return;
  settled.set(env, folder);
  wasm.numThreads = threads;
  if (folder === undefined) return;
  const file = new URL(files[provider], folder).href;
  // Threads need the script as a separate file: a bundled script would start the whole bundle again in each thread.
  wasm.wasmPaths = { wasm: `${file}.wasm`, ...(threads > 1 ? { mjs: `${file}.mjs` } : {}) };
}

let last: Promise<unknown> = Promise.resolve();

/** Creates sessions one after the other, because the library rejects a second one while the first is starting. */
function inTurn<T>(make: () => Promise<T>): Promise<T> {
  const made = last.then(make);
  last = made.catch(() => undefined);
  return made;
}
