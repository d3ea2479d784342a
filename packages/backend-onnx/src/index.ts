// The face of @isonet/backend-onnx.
import type { Backend } from '@isonet/core';
import { backendOf } from './backend.ts';
import { builds } from './runtime/platform.ts';

/**
 * ONNX Runtime, in Node and in browsers. Its devices are its execution providers. In Node: `cpu`, the default, is always there; `cuda` is
 * experimental and needs `npx -p @isonet/backend-onnx isonet-onnx-cuda` once; `webgpu` is ONNX Runtime's own; `wasm`
 * is there where `onnxruntime-web` is installed. In browsers: `wasm`, the default, and `webgpu`. `probe` lists those that are there;
 * `open` of another throws BackendError with the reason and the fix. Options of `open`: `device`; `threads` within an operator, for
 * `cpu` and `wasm` (default: the processor's), the same for all of a program's devices `wasm`; `tf32` for `cuda` (default: false), fixed
 * for the rest of the process.
 */
export const onnx: Backend = backendOf(builds());

/**
 * {@link onnx}, with the files of onnxruntime-web (`dist/ort-wasm-simd-threaded*`) taken from a folder: in a page whose bundler does
 * not copy them, or for threads, which a page has only so. Once WebAssembly has started,
 * `open` refuses another folder.
 * @param folder its address, relative to the page; in Node a path or a URL
 */
export function onnxFrom(folder: string | { readonly href: string }): Backend {
  return backendOf(builds(folder));
}
