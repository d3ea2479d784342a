// Loads ONNX Runtime's Node addon: selects the copy, and initializes it. Declares the part of its API that is used here.
import { isMainThread } from 'node:worker_threads';
import type { Missing } from '@isonet/native';
import { loadAddon, loadAddonIn } from '@isonet/native';
import type { Tensor } from 'onnxruntime-common';
import type { CudaFolder } from './cuda/folder.ts';
import { library } from './library.ts';

/** The addon's exports that are used here. */
export interface Binding {
  readonly InferenceSession: new () => NativeSession;
  listSupportedBackends(): readonly { readonly name: string }[];
  /** Sets the class of result tensors. Other users of the addon may call this again. */
  initOrtOnce(logLevel: number, tensor: typeof Tensor, isMainThread: boolean): void;
}

/** A session of the addon. Everything runs on the calling thread. */
export interface NativeSession {
  readonly inputMetadata: readonly { readonly name: string }[];
  readonly outputMetadata: readonly { readonly name: string }[];
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  /** @param fetches the requested outputs by name; null lets the library allocate their memory */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): Readonly<Record<string, Tensor>>;
  dispose(): void;
}

const fatal = 4;

/**
 * Loads and initializes the addon.
 * @param tensor the class of result tensors
 * @param folder a folder with a copy of the addon next to ONNX Runtime's CUDA provider, which the library looks for in its own
 *   folder; undefined selects the npm package's copy
 * @throws NativeError if the addon is missing or the system cannot load it
 */
export function loadBinding(tensor: typeof Tensor, folder?: string): Binding {
  const addon = folder === undefined ? loadAddon(library, import.meta.url) : loadAddonIn(library, folder);
  const binding = addon as Binding;
  binding.initOrtOnce(fatal, tensor, isMainThread);
  return binding;
}

/** The addon, and the folder of its CUDA provider, or the reason why there is none. */
export interface LoadedBinding {
  readonly binding: Binding;
  readonly cuda: CudaFolder | Missing;
}

/**
 * Loads the copy in the CUDA folder for all devices, because a process can have only one copy. If it does not load, the npm
 * package's copy is used: the same library without CUDA.
 * @param load loads one copy
 */
export function preferCuda(
  found: CudaFolder | Missing,
  load: (folder: string | undefined) => Binding,
): LoadedBinding {
  if (!('reason' in found)) {
    try {
      return { binding: load(found.path), cuda: found };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const reason = `the ONNX Runtime in ${found.path} does not load: ${message.replace(/\n[^]*/, '')}`;
      const fix = 'set ISONET_ONNX_CUDA to a folder on a disk that allows loading programs';
      return { binding: load(undefined), cuda: { code: 'CUDA_FOLDER', reason, fix } };
    }
  }
  return { binding: load(undefined), cuda: found };
}
