// Windows of convolutions and pools, as network files have them.

/** Rows before columns; padding above, on the left, below, on the right. */
export type Window = {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
};

/** Pads a maximum: below every float32 that a network computes. The libraries' kernels do not take -Infinity. */
export const LOWEST = -3.4e38;
