// Detects images that become blank by compositing: black ink on a transparent background vanishes over black.
import type { Preprocessing } from '../preprocessing.ts';
import { groundOf, luma, type Pixels } from './colours.ts';

/** The minimum difference between the darkest and the lightest pixels of an image that is not blank, in levels of 255. */
const CONTRAST = 32;

/**
 * Returns whether an image has transparent pixels but no contrast with the ground that it is composited over: its ink
 * has nearly the same colour as the ground, or the whole image is transparent.
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
