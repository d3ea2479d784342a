// The windows of convolutions and pools in network files.

/** Rows before columns; padding at the top, left, bottom and right. */
export type Window = {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
};

/** The padding value of max pooling: below every float32 that a network computes. The kernels of the libraries do not support -Infinity. */
export const LOWEST = -3.4e38;
