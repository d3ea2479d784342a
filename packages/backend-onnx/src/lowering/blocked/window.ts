// Decomposes windows along one axis into the phases of their stride: a phase is the set of pixels of x that the same taps reach. A
// gradient from windows to pixels is one convolution of stride 1 per phase.

/** A window along one axis. */
export interface AxisWindow {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  /** The number of padding pixels before the first pixel. */
  readonly pad: number;
  /** The number of windows. */
  readonly windows: number;
}

/** The pixels at positions `first, first + stride, ...`, which the same taps reach. */
export interface Phase {
  /** The taps of the window, in the order in which a correlation over the windows uses them. */
  readonly taps: readonly number[];
  /** The position of the first pixel. */
  readonly first: number;
  /** The number of pixels. */
  readonly count: number;
  /** The number of rows that the correlation computes before the row of the first pixel. */
  readonly skip: number;
  /** The padding before and after the windows, for a correlation with at least `skip + count` rows. */
  readonly before: number;
  readonly after: number;
  /** The number of rows that the correlation computes. */
  readonly rows: number;
}

/**
 * Returns the phases of an axis that have pixels. Pixel i is at `i + pad = stride * q + r`, and tap `r + stride * j` of window `q - j`
 * reaches it.
 */
export function phasesOf({ size, kernel, stride, pad, windows }: AxisWindow): readonly Phase[] {
  const all = Array.from({ length: stride }, (_, r): Phase | undefined => {
    const first = (((r - pad) % stride) + stride) % stride;
    if (first >= size) return undefined;
    const count = Math.ceil((size - first) / stride);
    const taps = Array.from({ length: Math.ceil((kernel - r) / stride) }, (_tap, j) => r + stride * j);
    const reach = taps.length - 1;
    const start = (first + pad - r) / stride; // the q of the first pixel
    const before = Math.max(0, reach - start);
    const skip = before + start - reach;
    const after = Math.max(0, skip + count - windows - before + reach);
    const rows = windows + before + after - reach;
    return { taps: taps.toReversed(), first, count, skip, before, after, rows };
  });
  return all.filter((phase) => phase !== undefined);
}

/** Returns the location of each pixel of an axis: the index of its phase, and its row in that phase's correlation. */
export function placesOf(
  { size, stride }: Pick<AxisWindow, 'size' | 'stride'>,
  phases: readonly Phase[],
): readonly (readonly [phase: number, row: number])[] {
  return Array.from({ length: size }, (_, pixel) => {
    const phase = phases.findIndex(({ first }) => pixel % stride === first);
    const { first, skip } = phases[phase] ?? { first: NaN, skip: NaN };
    return [phase, skip + (pixel - first) / stride] as const;
  });
}
