// ONNX Runtime's Node addon: where it is installed, what it exports, and the settings that it reads when it is loaded.
import { isMainThread } from 'node:worker_threads';
import type { NativeLibrary } from '@isonet/native';
import { loadAddon } from '@isonet/native';
import type { Tensor } from 'onnxruntime-common';

/** What the addon exports, as far as it is used here. */
export interface Binding {
  readonly InferenceSession: new () => NativeSession;
  listSupportedBackends(): readonly { readonly name: string }[];
  /** Hands over the class that results are made of. It may be called again, by whoever else uses the addon. */
  initOrtOnce(logLevel: number, tensor: typeof Tensor, isMainThread: boolean): void;
}

/** A session of the addon's. Everything runs on the thread that calls. */
export interface NativeSession {
  readonly inputMetadata: readonly { readonly name: string }[];
  readonly outputMetadata: readonly { readonly name: string }[];
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  /** @param fetches the wanted outputs by name; null: in memory of the library's own choice */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): Readonly<Record<string, Tensor>>;
  dispose(): void;
}

export const library: NativeLibrary = {
  title: 'ONNX Runtime',
  version: '1.30.0',
  original: {
    name: 'onnxruntime-node',
    addon: (platform, architecture) => `bin/napi-v6/${platform}/${architecture}/onnxruntime_binding.node`,
  },
  packages: {
    'linux-x64': '@isonet/onnxruntime-linux-x64',
    'linux-arm64': '@isonet/onnxruntime-linux-arm64',
    'darwin-arm64': '@isonet/onnxruntime-darwin-arm64',
    'win32-x64': '@isonet/onnxruntime-win32-x64',
    'win32-arm64': '@isonet/onnxruntime-win32-arm64',
  },
  addon: 'onnxruntime_binding.node',
  // macOS tells copies apart by their paths.
  shared: { linux: 'libonnxruntime.so.1', win32: 'onnxruntime.dll' },
  instead: 'the tfjs backend, whose WebAssembly runs anywhere',
};

const fatal = 4;

/**
 * @param tensor the class that results are made of
 * @throws NativeError when the addon is not there or the system refuses it
 */
export function loadBinding(tensor: typeof Tensor): Binding {
  // Official builds report their use over the network unless this is set when they are loaded. In a worker only the
  // environment that the process began with counts.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const binding = loadAddon(library, import.meta.url) as Binding;
  binding.initOrtOnce(fatal, tensor, isMainThread);
  return binding;
}
