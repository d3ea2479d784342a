import type { Layer } from '@isonet/core';
import { conv2d, maxPool2d } from '@isonet/core';

/** The channels of a path: first those of its 1x1 reduction, then those of its convolution. */
export type Path = readonly [reduction: number, channels: number];

/**
 * Builds an Inception block: four parallel paths, joined along the channels (Szegedy et al. 2014, "Going deeper with convolutions",
 * figure 2b). `x: [N, C, H, W] -> [N, c1 + c2[1] + c3[1] + c4, H, W]`
 * @param c1 the channels of the 1x1 path
 * @param c2 the channels of the 3x3 path
 * @param c3 the channels of the 5x5 path
 * @param c4 the channels of the 1x1 convolution after the pooling
 * @param batchNorm whether batch normalization follows every convolution
 */
export function inception(c1: number, c2: Path, c3: Path, c4: number, batchNorm: boolean = false): Layer {
  const each = { activation: 'relu', batchNorm } as const;
  return (scope, x) => {
    const p1 = scope.run('p1', conv2d(c1, { kernel: 1, ...each }), x);
    const p2a = scope.run('p2a', conv2d(c2[0], { kernel: 1, ...each }), x);
    const p2b = scope.run('p2b', conv2d(c2[1], { kernel: 3, padding: 1, ...each }), p2a);
    const p3a = scope.run('p3a', conv2d(c3[0], { kernel: 1, ...each }), x);
    const p3b = scope.run('p3b', conv2d(c3[1], { kernel: 5, padding: 2, ...each }), p3a);
    const pooled = scope.run('pool', maxPool2d({ kernel: 3, stride: 1, padding: 1 }), x);
    const p4 = scope.run('p4', conv2d(c4, { kernel: 1, ...each }), pooled);
    return scope.op.concat(p1, p2b, p3b, p4, { axis: 1 });
  };
}
