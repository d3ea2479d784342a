import type { Layer, Padding, Size } from '@isonet/core';
import { conv2d, sequential } from '@isonet/core';

/** Options of {@link ninBlock}. */
export interface NinBlockOptions {
  /** The channels of the two 1x1 convolutions; default: as many as the first convolution. */
  readonly inner?: readonly [second: number, third: number];
  /** Batch normalization after every convolution; default false. */
  readonly batchNorm?: boolean;
}

/**
 * Builds a NiN block: a convolution and two 1x1 convolutions, each with ReLU. The 1x1 convolutions act as a small network at every
 * pixel (Lin, Chen and Yan 2013, "Network in network", section 3.1). `x: [N, C, H, W] -> [N, inner[1], OH, OW]`
 * @param channels the channels of the first convolution
 */
export function ninBlock(
  channels: number,
  kernel: Size,
  stride: Size,
  padding: Padding,
  { inner = [channels, channels], batchNorm = false }: NinBlockOptions = {},
): Layer {
  const each = { activation: 'relu', batchNorm } as const;
  return sequential({
    c1: conv2d(channels, { kernel, stride, padding, ...each }),
    c2: conv2d(inner[0], { kernel: 1, ...each }),
    c3: conv2d(inner[1], { kernel: 1, ...each }),
  });
}
