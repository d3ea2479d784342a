// Random brightness, contrast, saturation and hue, in this order, each clamped to the range from black to white, as in
// torchvision's ColorJitter (which also randomizes the order).
import type { Draw } from '@isonet/core';
import { around, augmentStream, pairAt } from './draws.ts';

/** Options of the jitter. Omitted options change nothing. */
export interface JitterOptions {
  /** Multiplies by a factor from 1 - brightness to 1 + brightness; 0 to 1, like contrast and saturation. */
  readonly brightness?: number;
  /** Multiplies the distance from the image's mean grey. */
  readonly contrast?: number;
  /** Multiplies the distance from each pixel's grey; only for images with three channels. */
  readonly saturation?: number;
  /**
   * Rotates the hue by up to this fraction of the circle in either direction; 0 to 0.5; only for images with three
   * channels.
   */
  readonly hue?: number;
}

/**
 * The factors for the brightness, contrast and saturation of an image, and the rotation of its hue. The values 1, 1, 1
 * and 0 change nothing.
 */
export interface Jitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

/** The values of black and white in each channel of a batch. */
export interface Levels {
  readonly black: readonly number[];
  readonly white: readonly number[];
}

const [LIGHT, COLOUR] = [augmentStream('jitter/brightness-contrast'), augmentStream('jitter/saturation-hue')];

/** Draws the jitter of a sample, each value uniformly from its range. */
export function drawJitter(options: JitterOptions, draw: Draw, index: number): Jitter {
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
  const [light, spread] = pairAt(draw, LIGHT, index);
  const [colour, turned] = pairAt(draw, COLOUR, index);
  return {
    brightness: around(1, brightness, light),
    contrast: around(1, contrast, spread),
    saturation: around(1, saturation, colour),
    hue: around(0, hue, turned),
  };
}

/** The luma weights of Rec. 601, as in Pillow. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114] as const;

/**
 * Jitters an image, `[channels, area]`, in place. Unless there are three channels, grey is the mean of all channels.
 */
export function jitterImage(image: Float32Array, area: number, jitter: Jitter, levels: Levels): void {
  const channels = image.length / area;
  if (channels === 3) return jitterColour(image, area, jitter, levels);
  const { brightness, contrast } = jitter;
  const sums = levels.black.map((black, c) => {
    const white = levels.white[c]!;
    let sum = 0;
    for (let i = c * area; i < (c + 1) * area; i++) {
      const v = ((image[i]! - black) / (white - black)) * brightness;
      sum += v < 0 ? 0 : v > 1 ? 1 : v;
    }
    return sum;
  });
  const grey = ((1 - contrast) * sums.reduce((total, sum) => total + sum, 0)) / image.length;
  levels.black.forEach((black, c) => {
    const range = levels.white[c]! - black;
    for (let i = c * area; i < (c + 1) * area; i++) {
      const v = clamp(clamp(((image[i]! - black) / range) * brightness) * contrast + grey);
      image[i] = black + v * range;
    }
  });
}

function jitterColour(
  image: Float32Array,
  area: number,
  { brightness, contrast, saturation, hue }: Jitter,
  { black, white }: Levels,
): void {
  const [r0, g0, b0] = black as [number, number, number];
  const [r1, g1, b1] = white as [number, number, number];
  const [rRange, gRange, bRange] = [r1 - r0, g1 - g0, b1 - b0];
  // Computed once and used in both passes, so that both see the same values.
  const [rScale, gScale, bScale] = [brightness / rRange, brightness / gRange, brightness / bRange];
  let sum = 0;
  if (contrast !== 1) {
    for (let i = 0; i < area; i++) {
      const r = clamp((image[i]! - r0) * rScale);
      const g = clamp((image[i + area]! - g0) * gScale);
      const b = clamp((image[i + 2 * area]! - b0) * bScale);
      sum += RED * r + GREEN * g + BLUE * b;
    }
  }
  const grey = ((1 - contrast) * sum) / area;
  const turned = new Float64Array(3);
  for (let i = 0; i < area; i++) {
    let r = clamp(clamp((image[i]! - r0) * rScale) * contrast + grey);
    let g = clamp(clamp((image[i + area]! - g0) * gScale) * contrast + grey);
    let b = clamp(clamp((image[i + 2 * area]! - b0) * bScale) * contrast + grey);
    const own = (1 - saturation) * (RED * r + GREEN * g + BLUE * b);
    r = clamp(r * saturation + own);
    g = clamp(g * saturation + own);
    b = clamp(b * saturation + own);
    if (hue !== 0) {
      turnHue(r, g, b, hue, turned);
      r = turned[0]!;
      g = turned[1]!;
      b = turned[2]!;
    }
    image[i] = r0 + r * rRange;
    image[i + area] = g0 + g * gRange;
    image[i + 2 * area] = b0 + b * bRange;
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** Rotates the hue of a colour in HSV (Smith 1978), keeping value and saturation. */
function turnHue(r: number, g: number, b: number, hue: number, out: Float64Array): void {
  const value = r > g ? (r > b ? r : b) : g > b ? g : b;
  const least = r < g ? (r < b ? r : b) : g < b ? g : b;
  const chroma = value - least;
  if (chroma === 0) {
    out[0] = r;
    out[1] = g;
    out[2] = b;
    return;
  }
  const sixth = value === r ? (g - b) / chroma : value === g ? (b - r) / chroma + 2 : (r - g) / chroma + 4;
  const turned = sixth + 6 * hue + 12; // Above 0 for any hue of at least -0.5.
  const h = turned - 6 * Math.floor(turned / 6);
  for (const [c, shift] of SHIFTS.entries()) {
    const k = h + shift - 6 * Math.floor((h + shift) / 6);
    out[c] = value - chroma * clamp(k < 4 - k ? k : 4 - k);
  }
}

/** The position of each channel on the hue circle, in sixths. */
const SHIFTS = [5, 3, 1] as const;
