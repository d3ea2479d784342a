// The native build of ONNX Runtime with its providers, and a backend on this build alone. Needs Node.
import type { Backend } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import type { Build } from './backend.ts';
import { backendOf, buildOver } from './backend.ts';
import type { Runtime } from './runtime/load.ts';
import { loadRuntime } from './runtime/load.ts';
import { cpu, portable } from './runtime/providers/cpu.ts';
import { cuda } from './runtime/providers/cuda.ts';
import type { Provider } from './runtime/providers/provider.ts';
import { webgpu } from './runtime/providers/webgpu.ts';

/** The first provider is the default: it is always available, and the whole test suite runs on it. */
const all: readonly Provider[] = [cpu, portable, cuda, webgpu];

export const nativeBuild: Build = nativeOver(loadRuntime);

/** Returns the native build with another loader. */
export function nativeOver(load: () => Promise<Runtime>): Build {
  return buildOver(load, all);
}

/**
 * For tests: creates a backend on the native build with another loader.
 * @param table other kernels for the same ops
 * @param providers the providers of the backend
 */
export function backendOver(
  load: () => Promise<Runtime>,
  table?: OnnxKernels,
  providers: readonly Provider[] = all,
): Backend {
  return backendOf([buildOver(load, providers)], table);
}
