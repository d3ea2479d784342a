// The order in which `auto` tries devices.
import type { DeviceInfo, Probe } from '@isonet/core';

/** A device that `auto` may choose. */
export interface Rank {
  readonly backend: string;
  readonly device: string;
  /** Why it ranks above the next one. */
  readonly reason: string;
}

/**
 * `auto` chooses the first available of these: CUDA, then another GPU, then the processor. Neither of the two CUDA
 * devices has been measured on real hardware. ONNX Runtime comes first, because it receives a whole training step at
 * once, and its CUDA 13 supports every card since Turing. TensorFlow.js receives ops one by one, and TensorFlow 2.9,
 * which tfjs-node-gpu bundles, supports no card newer than Ampere. However, ONNX Runtime copies the weights through the
 * host at every step, which TensorFlow.js does not.
 *
 * In WebAssembly, ONNX Runtime trains faster than TensorFlow.js, with one thread each.
 *
 * `auto` never chooses the following devices:
 * - `portable`, which is for comparison
 * - ONNX Runtime's WebGPU, which is experimental
 * - software drivers, which emulate a GPU on the processor and are slower than onnx
 * - TensorFlow.js in plain JavaScript, which needs minutes per step
 * - the reference, which is built for correctness, not speed
 */
export const ranks: readonly Rank[] = [
  {
    backend: 'onnx',
    device: 'cuda',
    reason: "a GPU, with its vendor's own kernels (cuDNN), a whole training step in one call",
  },
  {
    backend: 'tfjs',
    device: 'cuda',
    reason: "a GPU, with its vendor's own kernels (cuDNN), op by op",
  },
  { backend: 'webgpu', device: 'gpu', reason: 'a GPU, a whole training step in one submission' },
  {
    backend: 'onnx',
    device: 'cpu',
    reason: 'the fastest measured on a processor',
  },
  { backend: 'tfjs', device: 'tensorflow', reason: 'a processor, all its threads' },
  {
    backend: 'onnx',
    device: 'wasm',
    reason: 'a processor, in WebAssembly, a whole training step in one call',
  },
  {
    backend: 'tfjs',
    device: 'wasm',
    reason: 'a processor, one thread in WebAssembly',
  },
];

/** Returns the device of a probe that a rank refers to. */
export function deviceOfRank(rank: Rank, found: Probe): DeviceInfo | undefined {
  const devices = found.ok ? found.devices : [];
  return devices.find(({ id, kind }) => id === rank.device && kind !== 'software');
}
