// Register tiling for the three convolution kernels and matMul. Each thread computes a tile of 8 x 4 results in registers, so that
// 12 loads serve 32 multiply-adds: 8 channels by 4 pixels. The filter's gradient uses 8 output by 4 input channels, and matMul uses
// 8 rows by 4 columns. A tile that extends past the edge repeats the last channel or pixel and does not store the copies.
import type { Conv2dAttrs, Shape } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type { Param } from './kernel.ts';
import { u32s } from './kernel.ts';

/** The channels of a tile. Its other side has the 4 lanes of a vec4f. */
export const CHANNELS = 8;
export const LANES = 4;

/** Generates a line of WGSL for each channel of a tile. */
export function perChannel(line: (channel: number) => string): string {
  return Array.from({ length: CHANNELS }, (_, channel) => line(channel)).join('\n');
}

/** WGSL that declares a tile's accumulators, and WGSL that collects them into an array: `sums[channel][lane]`. */
export const declareSums: string = perChannel((j) => `var sum${j} = vec4f();`);
export const collectSums: string = `let sums = array(${perChannel((j) => `sum${j},`)});`;

/**
 * Returns the params that all three convolutions read, named after the dimensions in core's ops: `x [N, C, H, W],
 * w [K, C / groups, KH, KW], y [N, K, OH, OW]`.
 */
export function geometry(x: Shape, w: Shape, y: Shape, attrs: Conv2dAttrs): Readonly<Record<string, Param>> {
  const [n, c, h, width] = shape4(x);
  const [k, groupC, kh, kw] = shape4(w);
  const [, , oh, ow] = shape4(y);
  const { strides, pads, dilations, groups } = attrs;
  const sizes = { n, c, h, w: width, k, groupC, groupK: k / groups, kh, kw, oh, ow };
  const steps = {
    strideH: strides[0],
    strideW: strides[1],
    top: pads[0],
    left: pads[1],
    dilationH: dilations[0],
    dilationW: dilations[1],
  };
  return u32s({ ...sizes, ...steps });
}
