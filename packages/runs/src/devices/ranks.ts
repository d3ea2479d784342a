// The order in which `auto` tries devices.
import type { DeviceInfo, Probe } from '@isonet/core';

/** A device that `auto` may take. */
export interface Rank {
  readonly backend: string;
  readonly device: string;
  /** Why it comes before the next. */
  readonly reason: string;
}

/**
 * `auto` takes the first of these that is there: CUDA, then another GPU, then the processor. Neither of the two with CUDA has been
 * measured on a card. ONNX Runtime comes first: it is given a whole step at once, where TensorFlow.js is given its ops one by one, and
 * its CUDA 13 knows every card since Turing, where TensorFlow 2.9, which tfjs-node-gpu brings, knows none newer than Ampere. It
 * hands the weights through the host at every step, which TensorFlow.js does not.
 *
 * In WebAssembly, ONNX Runtime trains faster than TensorFlow.js, on one thread each.
 *
 * Left out: `portable`, which is for comparison; ONNX Runtime's WebGPU, which is experimental; software drivers, which run a GPU's
 * interface on the processor, slower than onnx does; TensorFlow.js in plain JavaScript, minutes a step; the reference, which is there
 * to be right.
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
    reason: 'the fastest on a processor that was measured',
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

/** The device of this probe that a rank means. */
export function deviceOfRank(rank: Rank, found: Probe): DeviceInfo | undefined {
  const devices = found.ok ? found.devices : [];
  return devices.find(({ id, kind }) => id === rank.device && kind !== 'software');
}
