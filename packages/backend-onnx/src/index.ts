// The face of @isonet/backend-onnx.
import type { Backend } from '@isonet/core';
import { backendOf } from './backend.ts';
import { builds, offThread } from './runtime/platform.ts';

/**
 * As {@link onnx}, on the calling thread, which hears nothing while a run computes. Runs take no messages to and from a worker: for
 * predictions that take less than a few milliseconds, and for a thread that has nothing else to do. Plans have the same ids, and
 * results the same bits.
 */
export const onnxHere: Backend = backendOf(builds());

/**
 * ONNX Runtime, in Node and in browsers. Its devices are its execution providers. In Node: `cpu`, the default, is always there; `portable`
 * is the same in standard operators alone; `cuda` is experimental and needs `npx -p @isonet/backend-onnx isonet-onnx-cuda` once; `webgpu`
 * is ONNX Runtime's own; `wasm` is there where `onnxruntime-web` is installed. In browsers: `wasm`, the default, and `webgpu`. `probe`
 * lists those that are there; `open` of another throws BackendError with the reason and the fix. Options of `open`: `device`; `threads`
 * within an operator, for `cpu`, `portable` and `wasm` (default: the processor's; {@link onnxHere} and pages have one number for all
 * devices `wasm`, in Node each device of `onnx` has its own); `tf32` for `cuda` (default: false), fixed for the rest of the process.
 *
 * In Node each device computes in a worker of its own, so that Ctrl-C, timers and the loading of data do not wait for a step; within a
 * worker, and in a page, it computes on the calling thread. `process.exit()` waits for the run in hand.
 */
export const onnx: Backend = offThread(onnxHere);

/**
 * {@link onnxHere}, with the files of onnxruntime-web (`dist/ort-wasm-simd-threaded*`) taken from a folder: in a page whose bundler does
 * not copy them, or for threads, which a page has only so. Once WebAssembly has started, another folder is an error.
 * @param folder its address, relative to the page; in Node a path or a URL
 */
export function onnxFrom(folder: string | { readonly href: string }): Backend {
  return backendOf(builds(folder));
}
