// The face of @isonet/backend-onnx.
import type { Backend } from '@isonet/core';
import { backendOver } from './backend.ts';
import { loadRuntime } from './runtime/load.ts';

/**
 * ONNX Runtime in Node: its cpu execution provider is the only device, `cpu`. Options of `open`: `device` and
 * `threads`, those within an operator (default: the processor's).
 */
export const onnx: Backend = backendOver(loadRuntime);
