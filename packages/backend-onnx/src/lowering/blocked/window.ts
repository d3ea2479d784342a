// Windows taken apart by the phases of their stride: along one axis, the pixels of x that the same taps reach. Gradients that go
// from windows back to pixels are one convolution of stride 1 per phase.

/** A window along one axis. */
export interface Window1 {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  /** Pixels of padding before the first. */
  readonly pad: number;
  /** How many windows there are. */
  readonly windows: number;
}

/** The pixels at places `first, first + stride, ...`, which the same taps reach. */
export interface Phase {
  /** Taps of the window in the order in which a correlation over the windows meets them. */
  readonly taps: readonly number[];
  /** The first pixel. */
  readonly first: number;
  /** How many pixels there are. */
  readonly count: number;
  /** Rows that are computed before the first one that is wanted. */
  readonly skip: number;
  /** Padding of the windows before and behind, for a correlation that gives `skip + count` rows or more. */
  readonly before: number;
  readonly behind: number;
  /** How many rows the correlation gives. */
  readonly rows: number;
}

/**
 * The phases of an axis, those without pixels left out. Pixel i lies at `i + pad = stride * q + r`; tap `r + stride * j` of window
 * `q - j` reaches it.
 */
export function phasesOf({ size, kernel, stride, pad, windows }: Window1): readonly Phase[] {
  const all = Array.from({ length: stride }, (_, r): Phase | undefined => {
    const first = (((r - pad) % stride) + stride) % stride;
    if (first >= size) return undefined;
    const count = Math.ceil((size - first) / stride);
    const taps = Array.from({ length: Math.ceil((kernel - r) / stride) }, (_tap, j) => r + stride * j);
    const reach = taps.length - 1;
    const start = (first + pad - r) / stride; // the q of the first pixel
    const before = Math.max(0, reach - start);
    const skip = before + start - reach;
    const behind = Math.max(0, skip + count - windows - before + reach);
    const rows = windows + before + behind - reach;
    return { taps: taps.toReversed(), first, count, skip, before, behind, rows };
  });
  return all.filter((phase) => phase !== undefined);
}

/** Where each pixel of an axis is found: the phase, by its index, and the row of its correlation. */
export function placesOf(
  { size, stride }: Pick<Window1, 'size' | 'stride'>,
  phases: readonly Phase[],
): readonly (readonly [phase: number, row: number])[] {
  return Array.from({ length: size }, (_, pixel) => {
    const phase = phases.findIndex(({ first }) => pixel % stride === first);
    const { first, skip } = phases[phase] ?? { first: NaN, skip: NaN };
    return [phase, skip + (pixel - first) / stride] as const;
  });
}
