// ONNX Runtime's Node addon: which copy is loaded, what it exports, and the settings that it reads when it is loaded.
import { isMainThread } from 'node:worker_threads';
import type { Missing } from '@isonet/native';
import { loadAddon, loadAddonIn } from '@isonet/native';
import type { Tensor } from 'onnxruntime-common';
import type { CudaFolder } from './cuda/folder.ts';
import { library } from './library.ts';

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

const fatal = 4;

/**
 * @param tensor the class that results are made of
 * @param folder holds a copy of the addon beside ONNX Runtime's CUDA provider, which the library looks for in its own folder;
 *   undefined: the npm package's
 * @throws NativeError when the addon is not there or the system refuses it
 */
export function loadBinding(tensor: typeof Tensor, folder?: string): Binding {
  const addon = folder === undefined ? loadAddon(library, import.meta.url) : loadAddonIn(library, folder);
  const binding = addon as Binding;
  binding.initOrtOnce(fatal, tensor, isMainThread);
  return binding;
}

/** The addon, and where its CUDA provider lies, or why there is none. */
export interface LoadedBinding {
  readonly binding: Binding;
  readonly cuda: CudaFolder | Missing;
}

/**
 * Prefers the copy in the CUDA folder for all devices, since a process has only one. Where that one does not load, the npm
 * package's does: the same library, without CUDA.
 * @param load tries one copy
 */
export function preferCuda(
  found: CudaFolder | Missing,
  load: (folder: string | undefined) => Binding,
): LoadedBinding {
  if (!('reason' in found)) {
    try {
      return { binding: load(found.path), cuda: found };
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const reason = `the ONNX Runtime in ${found.path} does not load: ${said.replace(/\n[^]*/, '')}`;
      const fix = 'name a folder with ISONET_ONNX_CUDA that programs may be loaded from';
      return { binding: load(undefined), cuda: { code: 'CUDA_FOLDER', reason, fix } };
    }
  }
  return { binding: load(undefined), cuda: found };
}
