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
 * `auto` takes the first of these that is there. Left out: software drivers, which run a GPU's interface on the processor,
 * slower than onnx does; TensorFlow.js in plain JavaScript, minutes a step; the reference, which is there to be right.
 */
export const ranks: readonly Rank[] = [
  { backend: 'tfjs', device: 'cuda', reason: "a GPU, with its vendor's own kernels (cuDNN)" },
  { backend: 'webgpu', device: 'gpu', reason: 'a GPU, a whole training step in one submission' },
  {
    backend: 'onnx',
    device: 'cpu',
    reason: 'the fastest on a processor that was measured',
  },
  { backend: 'tfjs', device: 'tensorflow', reason: 'a processor, all its threads' },
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
