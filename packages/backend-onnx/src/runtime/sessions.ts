// The interface of a loaded ONNX Runtime, native or in WebAssembly: it creates sessions and tensors. Runs in Node and in browsers.
import type { Tensor } from '@isonet/core';
import type { Tensor as OrtTensor } from 'onnxruntime-common';

export type { OrtTensor };

export interface Sessions {
  /** The version, e.g. `1.30.0`. */
  readonly version: string;
  /** The platform, e.g. `linux x64`. */
  readonly platform: string;
  createSession(model: Uint8Array, settings: SessionSettings): Promise<Session>;
  /** Creates a tensor over the same memory. float64 is converted, and shared memory is copied. */
  tensor(tensor: Tensor): OrtTensor;
}

export interface Session {
  readonly inputNames: readonly string[];
  /** Computes the named outputs, at least one. It blocks the thread until they are computed. */
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** The provider and the threads of a session. */
export interface SessionSettings {
  /** The only provider that computes nodes, by ONNX Runtime's name: `cpu`, `cuda`, `webgpu` or `wasm`. */
  readonly provider: string;
  /** The number of CPU threads within an operator. */
  readonly threads: number;
}

/**
 * Disables optimizers of ONNX Runtime that produce wrong results. Pad_Fusion turns the zeros of a Pad before MaxPool
 * into the pool's own padding, which the pool ignores: the maximum of -1 and a padded 0 becomes -1.
 */
export const withoutFaultyOptimizers = {
  optimization: { disable_specified_optimizers: 'Pad_Fusion' },
} as const;

/** A provider in a session's options, with its own options. */
export type ProviderOption = string | { readonly name: 'webgpu'; readonly preferredLayout: 'NCHW' };

/**
 * Returns the session option of a provider. WebGPU uses NCHW: in its own layout, channels last, the library moves the transposes around
 * WebGPU's operators past other operators and may end up transposing bools, which the provider does not support.
 */
export function providerOption(provider: string): ProviderOption {
  return provider === 'webgpu' ? { name: provider, preferredLayout: 'NCHW' } : provider;
}
