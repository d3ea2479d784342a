import type { Layer, Padding, Size } from '@isonet/core';
import { conv2d, sequential } from '@isonet/core';

/**
 * An NiN block: a convolution and two 1x1 convolutions, each with ReLU; the 1x1 ones are a small network of their own at
 * every pixel. `x: [N, C, H, W] -> [N, channels, OH, OW]` (Lin, Chen and Yan 2013, "Network in network", section 3.1)
 */
export function ninBlock(channels: number, kernel: Size, stride: Size, padding: Padding): Layer {
  return sequential({
    c1: conv2d(channels, { kernel, stride, padding, activation: 'relu' }),
    c2: conv2d(channels, { kernel: 1, activation: 'relu' }),
    c3: conv2d(channels, { kernel: 1, activation: 'relu' }),
  });
}
