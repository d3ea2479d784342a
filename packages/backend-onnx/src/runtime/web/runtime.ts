// ONNX Runtime in WebAssembly: what the host, Node or a browser, brings, and sessions over it. Nothing is loaded before the
// first session.
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { Tensor } from 'onnxruntime-common';
import type { Sessions } from '../sessions.ts';
import { toOrt } from '../tensors.ts';
import type { Ort } from './ort.ts';
import { createWebSession } from './ort.ts';

/** The version of onnxruntime-web that the suite was run on, and the only one that is taken. */
export const VERSION = '1.30.0';

/** Threads by default: ONNX Runtime's own rule for WebAssembly. Two on two processors are faster than its one (0032). */
export function threadsOn(processors: number): number {
  return Math.min(4, Math.ceil(processors / 2));
}

/** The files of onnxruntime-web that a page fetches: a WebAssembly module and, for threads, the script that starts it. */
const files = {
  wasm: 'ort-wasm-simd-threaded',
  webgpu: 'ort-wasm-simd-threaded.asyncify',
} as const;

/** An address or a URL, whose type not every user has: it is of `dom` and of `@types/node`. */
export type Folder = string | { readonly href: string };

export function hrefOf(folder: Folder): string {
  return typeof folder === 'string' ? folder : folder.href;
}

export type WebProvider = keyof typeof files;

/** What Node and browsers each bring. */
export interface WebHost {
  /** Why there is no onnxruntime-web; undefined where there is. */
  readonly missing: Missing | undefined;
  /** Threads where nothing else is asked for. */
  readonly threads: number;
  /** Why there is one thread only; undefined where there may be more. */
  readonly oneThread: Missing | undefined;
  /** The GPU that the provider `webgpu` would compute on, or why there is none. */
  readonly gpu: Gpu | Missing;
  /** The package's entry for a provider. */
  readonly load: (provider: WebProvider) => Promise<Ort>;
  /** Where the package's files lie, with a slash at its end; undefined: where the bundler or Node finds them. */
  readonly folder: string | undefined;
  /** Resolves when the thread has seen to all else that waits. */
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
   * Settles what holds on this thread from a provider's first session on.
   * @throws BackendError `OPTION` where it is settled otherwise already
   */
  settle(provider: WebProvider, threads: number): Promise<void>;
}

export function webRuntime(host: WebHost): WebRuntime {
  return {
    ...host,
    version: VERSION,
    // The same code wherever it runs, on numbers that are those of IEEE 754.
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

/** By entry: where its files were taken from. */
const settled = new WeakMap<object, string | undefined>();

function settle({ env }: Ort, folder: string | undefined, provider: WebProvider, threads: number): void {
  const { wasm } = env;
  const before = wasm.numThreads;
  if (before !== undefined && before !== threads) {
    throw new BackendError(
      'OPTION',
      `onnx "${provider}": threads: expected ${before}, with which this thread has started WebAssembly, got ${threads}; open with threads: ${before}, or use a worker`,
    );
  }
  if (settled.has(env) && settled.get(env) !== folder) {
    throw new BackendError(
      'OPTION',
      `onnx "${provider}": folder: expected ${settled.get(env) ?? 'none'}, with which this thread has started WebAssembly, got ${folder ?? 'none'}; use one folder, or a worker`,
    );
  }
  if (before !== undefined) return;
  settled.set(env, folder);
  wasm.numThreads = threads;
  if (folder === undefined) return;
  const file = new URL(files[provider], folder).href;
  // For threads the script is a file of its own: the one that a bundle carries would start the whole bundle again in each.
  wasm.wasmPaths = { wasm: `${file}.wasm`, ...(threads > 1 ? { mjs: `${file}.mjs` } : {}) };
}

let last: Promise<unknown> = Promise.resolve();

/** Sessions are made one after the other: the library refuses a second one while the first is being started. */
function inTurn<T>(make: () => Promise<T>): Promise<T> {
  const made = last.then(make);
  last = made.catch(() => undefined);
  return made;
}
