// The public API of @isonet/backend-onnx.
import type { Backend } from '@isonet/core';
import { backendOf } from './backend.ts';
import { builds, offThread } from './runtime/platform.ts';

/**
 * The same backend as {@link onnx}, on the calling thread, which is blocked during a run. Runs need no messages to and from a worker,
 * so it suits predictions that take at most a few milliseconds, and threads that have no other work. Plans have the
 * same ids, and results have the same bits.
 */
export const onnxHere: Backend = backendOf(builds());

/**
 * ONNX Runtime, in Node and in browsers. Its devices are its execution providers. In Node, `cpu` is the default and always available.
 * `portable` is the CPU with standard operators only. `cuda` is experimental, and
 * `npx -p @isonet/backend-onnx isonet-onnx-cuda` installs it. `webgpu` is ONNX Runtime's own WebGPU provider. `wasm`
 * needs an installed `onnxruntime-web`. In browsers, the devices are `wasm`, the default, and `webgpu`. `probe` lists
 * the available devices. If a device is missing, `open` throws a BackendError with the reason and the fix.
 *
 * Options of `open`: `device`; `threads` within an operator, for `cpu`, `portable` and `wasm` (default: depends on the number of
 * processors; all `wasm` devices of {@link onnxHere} or of a page share one setting, while in Node each device of
 * `onnx` has its own);
 * `tf32` for `cuda` (default: false), which stays fixed for the rest of the process.
 *
 * In Node each device computes in its own worker, so that Ctrl-C, timers and data loading do not wait for a step. Within a worker, and
 * in a page, it computes on the calling thread. `process.exit()` waits for the current run.
 */
export const onnx: Backend = offThread(onnxHere);

/**
 * Returns {@link onnxHere} with the files of onnxruntime-web (`dist/ort-wasm-simd-threaded*`) loaded from a folder. A page needs this if
 * its bundler does not copy the files, or if it uses threads. After WebAssembly has started, naming another folder is an error.
 * @param folder the folder's address, relative to the page; in Node a path or a URL
 */
export function onnxFrom(folder: string | { readonly href: string }): Backend {
  return backendOf(builds(folder));
}
