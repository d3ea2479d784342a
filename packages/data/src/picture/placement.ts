// Where a picture comes to lie among the pixels that a network takes: the size that it is scaled to, what is cut out of that, and
// where it is put. The rounding is that of Pillow's `ImageOps.contain` and `pad`, and of torchvision's `Resize` and `CenterCrop`.
import type { Preprocessing } from '../preprocessing.ts';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of whole pixels. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/** How a picture is scaled, cut and placed. */
export interface Placement {
  /** Of the whole picture, once it is scaled. */
  readonly scaled: Size;
  /** What is taken of the scaled picture. */
  readonly window: Area;
  /** Where the window's upper left corner lies in the result. */
  readonly at: { readonly left: number; readonly top: number };
}

/** Where a picture of a size goes. */
export function placementOf(
  { width, height }: Size,
  { shape, fit, resize }: Pick<Preprocessing, 'shape' | 'fit' | 'resize'>,
): Placement {
  const [, down, across] = shape;
  const whole = { width: across, height: down };
  if (fit === 'contain') {
    const scaled = contained({ width, height }, whole);
    const at = {
      left: halfToEven(across - scaled.width),
      top: halfToEven(down - scaled.height),
    };
    return { scaled, window: { left: 0, top: 0, ...scaled }, at };
  }
  const scaled = fit === 'fill' ? whole : covering({ width, height }, whole, resize);
  const left = halfToEven(scaled.width - across);
  const top = halfToEven(scaled.height - down);
  return { scaled, window: { left, top, ...whole }, at: { left: 0, top: 0 } };
}

/** `ImageOps.contain`: one side is the whole's, the other rounded, half to even. */
function contained({ width, height }: Size, whole: Size): Size {
  const ratio = width / height;
  const wanted = whole.width / whole.height;
  if (ratio > wanted) {
    return { width: whole.width, height: Math.max(1, nearestEven((height / width) * whole.width)) };
  }
  if (ratio < wanted) {
    return { width: Math.max(1, nearestEven((width / height) * whole.height)), height: whole.height };
  }
  return whole;
}

/** `Resize`: the shorter side is `resize`, or one side is the whole's; the other is rounded down. */
function covering({ width, height }: Size, whole: Size, resize: number | undefined): Size {
  if (resize !== undefined) {
    return width <= height
      ? { width: resize, height: Math.floor((resize * height) / width) }
      : { width: Math.floor((resize * width) / height), height: resize };
  }
  return width * whole.height <= height * whole.width
    ? { width: whole.width, height: Math.floor((whole.width * height) / width) }
    : { width: Math.floor((whole.height * width) / height), height: whole.height };
}

/** Half of a whole number, rounded as Python's `round` does. */
function halfToEven(count: number): number {
  return nearestEven(count / 2);
}

/** The nearest whole number; of two, the even one. */
function nearestEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over !== 0.5) return over < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
