// Computes the placement of an image in a network's input: the size to scale it to, the part to crop, and the position
// in the result. It rounds like Pillow's `ImageOps.contain` and `pad`, and torchvision's `Resize` and `CenterCrop`.
import type { Preprocessing } from '../preprocessing.ts';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of pixels. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/** How an image is scaled, cropped and placed. */
export interface Placement {
  /** The size of the whole image after scaling. */
  readonly scaled: Size;
  /** The part of the scaled image to keep. */
  readonly window: Area;
  /** The position of the window's upper left corner in the result. */
  readonly at: { readonly left: number; readonly top: number };
}

/** Computes the placement of an image of a given size. */
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

/**
 * Computes the size like `ImageOps.contain`: one side equals that of `whole`, and the other is rounded half to even.
 */
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

/**
 * Computes the size like `Resize`: the shorter side is `resize`, or one side equals that of `whole`; the other is
 * rounded down.
 */
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

/** Returns half of an integer, rounded like Python's `round`. */
function halfToEven(count: number): number {
  return nearestEven(count / 2);
}

/** Returns the nearest integer; of two equally near ones, the even one. */
function nearestEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  if (over !== 0.5) return over < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
