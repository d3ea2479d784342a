// The face of @isonet/backend-onnx.
import type { Backend } from '@isonet/core';
import { backendOver } from './backend.ts';
import { loadRuntime } from './runtime/load.ts';
import { inWorkers } from './worker/backend.ts';

/**
 * As {@link onnx}, on the calling thread, which hears nothing while a run computes. Runs take no messages to and from a worker: for
 * predictions that take less than a few milliseconds, and for a thread that has nothing else to do. Plans have the same ids, and
 * results the same bits.
 */
export const onnxHere: Backend = backendOver(loadRuntime);

/**
 * ONNX Runtime in Node. Its devices are its execution providers: `cpu`, the default, is always there; `cuda` is experimental and
 * needs `npx -p @isonet/backend-onnx isonet-onnx-cuda` once; `webgpu` is ONNX Runtime's own, for forward graphs. `probe` lists those
 * that are there; `open` of another throws BackendError with the reason and the fix. Options of `open`: `device`; `threads` within
 * an operator, for `cpu` (default: the processor's); `tf32` for `cuda` (default: false), fixed for the rest of the process.
 *
 * Each device computes in a worker of its own, so that Ctrl-C, timers and the loading of data do not wait for a step; within a
 * worker it computes on that worker's thread. `process.exit()` waits for the run in hand.
 */
export const onnx: Backend = inWorkers(onnxHere);
