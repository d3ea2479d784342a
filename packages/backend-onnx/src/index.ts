// The face of @isonet/backend-onnx.
import type { Backend } from '@isonet/core';
import { backendOver } from './backend.ts';
import { loadRuntime } from './runtime/load.ts';

/**
 * ONNX Runtime in Node. Its devices are its execution providers: `cpu`, the default, is always there; `cuda` is experimental and
 * needs `npx -p @isonet/backend-onnx isonet-onnx-cuda` once; `webgpu` is ONNX Runtime's own, for forward graphs. `probe` lists those
 * that are there; `open` of another throws BackendError with the reason and the fix. Options of `open`: `device`; `threads` within
 * an operator, for `cpu` (default: the processor's); `tf32` for `cuda` (default: false), fixed for the rest of the process.
 */
export const onnx: Backend = backendOver(loadRuntime);
