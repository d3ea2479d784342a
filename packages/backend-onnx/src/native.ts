// The native build of ONNX Runtime with its providers, and the backend over it alone. Needs Node.
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

/** The first is what `open` takes where no other is named: it is always there, and the only one that has been run by its authors. */
const all: readonly Provider[] = [cpu, portable, cuda, webgpu];

export const nativeBuild: Build = nativeOver(loadRuntime);

/** The native build, loaded in another way. */
export function nativeOver(load: () => Promise<Runtime>): Build {
  return buildOver(load, all);
}

/**
 * For tests: the backend over a way to load the native build.
 * @param table other kernels of the same ops
 * @param providers those that it offers
 */
export function backendOver(
  load: () => Promise<Runtime>,
  table?: OnnxKernels,
  providers: readonly Provider[] = all,
): Backend {
  return backendOf([buildOver(load, providers)], table);
}
