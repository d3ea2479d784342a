// The face of a loaded ONNX Runtime, native or in WebAssembly: it makes sessions and tensors. Runs in Node and in browsers.
import type { Tensor } from '@isonet/core';
import type { Tensor as OrtTensor } from 'onnxruntime-common';

export type { OrtTensor };

export interface Sessions {
  /** e.g. `1.30.0` */
  readonly version: string;
  /** e.g. `linux x64` */
  readonly platform: string;
  createSession(model: Uint8Array, settings: SessionSettings): Promise<Session>;
  /** A tensor over the very same memory, but for what has to be converted: float64, and memory that threads share. */
  tensor(tensor: Tensor): OrtTensor;
}

export interface Session {
  readonly inputNames: readonly string[];
  /** Computes the named outputs, of which there is at least one. It holds the thread until they are there. */
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** Where and how a session computes. */
export interface SessionSettings {
  /** By ONNX Runtime's names: `cpu`, `cuda`, `webgpu`, `wasm`. No other computes a node. */
  readonly provider: string;
  /** Threads within an operator; they are the processor's. */
  readonly threads: number;
}

/**
 * Optimizers of ONNX Runtime's that give wrong numbers. Pad_Fusion makes the zeros of a Pad before MaxPool the pool's own padding,
 * which never wins: the maximum of -1 and a padded 0 becomes -1.
 */
export const withoutFaultyOptimizers = {
  optimization: { disable_specified_optimizers: 'Pad_Fusion' },
} as const;

/** How a session's options name a provider, with its own options. */
export type ProviderOption = string | { readonly name: 'webgpu'; readonly preferredLayout: 'NCHW' };

/**
 * In its own layout, channels last, the library moves the transpositions around WebGPU's operators past other operators, as far
 * as bools, of which the provider cannot transpose any.
 */
export function providerOption(provider: string): ProviderOption {
  return provider === 'webgpu' ? { name: provider, preferredLayout: 'NCHW' } : provider;
}
