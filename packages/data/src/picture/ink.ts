// Detects pictures that compositing makes blank: black ink on a transparent ground vanishes over black.
import type { Preprocessing } from '../preprocessing.ts';
import { groundOf, luma, type Pixels } from './colours.ts';

/** In levels of 255: the least that a picture's darkest and lightest pixels differ by, if there is something to see. */
const CONTRAST = 32;

/**
 * Whether a picture has transparent pixels, and no contrast over the ground that it is laid over: its ink has about the ground's
 * colour, or all of it is transparent.
 */
export function isInkLost(
  { data }: Pixels,
  preprocessing: Pick<Preprocessing, 'background' | 'invert'>,
): boolean {
  const ground = groundOf(preprocessing);
  let [least, most, hasAlpha] = [255, 0, false];
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!;
    if (alpha !== 255) hasAlpha = true;
    const own = luma(data[at]!, data[at + 1]!, data[at + 2]!);
    const level = (own * alpha + ground * (255 - alpha)) / 255;
    if (level < least) least = level;
    if (level > most) most = level;
    if (most - least >= CONTRAST) return false;
  }
  return hasAlpha;
}
