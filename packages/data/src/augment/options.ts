// The options of augmentation, and their validation.
import { checkGiven, fieldsOf, flag, type Form, type Forms, optional, ranges, wholeFrom } from '@isonet/core';
import type { AffineOptions } from './affine.ts';
import type { CutoutOptions } from './cutout.ts';
import type { JitterOptions } from './jitter.ts';
import type { MixupOptions } from './mixup.ts';
import type { CropOptions } from './move.ts';

/** Options of {@link augmented}. Omitted steps are skipped; the others are applied in this order. */
export interface AugmentOptions {
  readonly affine?: AffineOptions;
  readonly crop?: CropOptions;
  /** Mirrors half of the samples horizontally. */
  readonly flip?: boolean;
  readonly jitter?: JitterOptions;
  readonly cutout?: CutoutOptions;
  readonly mixup?: MixupOptions;
  /**
   * The values of black and white in the batches, for all channels or one per channel. Black fills the area outside an
   * image and under a cutout; colours are clamped between the two. For normalized images, they are `(0 - mean) / std` and
   * `(1 - mean) / std`. Default: `{ black: 0, white: 1 }`.
   */
  readonly range?: { readonly black: number | readonly number[]; readonly white: number | readonly number[] };
}

const DEGREES: Form = {
  text: 'a number of degrees from 0 to 180',
  fits: (value) => typeof value === 'number' && value >= 0 && value <= 180,
};
const HUE: Form = {
  text: 'a fraction of the circle from 0 to 0.5',
  fits: (value) => typeof value === 'number' && value >= 0 && value <= 0.5,
};
const ALPHA: Form = {
  text: 'a number above 0, at most 4',
  fits: (value) => typeof value === 'number' && value > 0 && value <= 4,
};
const LEVEL: Form = {
  text: 'a number, or a list with one per channel',
  fits: (value) =>
    Number.isFinite(value) || (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite)),
};
const PIXELS = wholeFrom(1, 16_384);

const CROP: Forms<CropOptions> = { padding: PIXELS };
const AFFINE: Forms<AffineOptions> = {
  degrees: optional(DEGREES),
  translate: optional(ranges.part),
  scale: optional(ranges.rate),
};
const JITTER: Forms<JitterOptions> = {
  brightness: optional(ranges.part),
  contrast: optional(ranges.part),
  saturation: optional(ranges.part),
  hue: optional(HUE),
};
const CUTOUT: Forms<CutoutOptions> = { size: PIXELS };
const MIXUP: Forms<MixupOptions> = { alpha: ALPHA, classes: optional(ranges.count) };

const OPTIONS: Forms<AugmentOptions> = {
  affine: optional(fieldsOf(AFFINE)),
  crop: optional(fieldsOf(CROP)),
  flip: optional(flag),
  jitter: optional(fieldsOf(JITTER)),
  cutout: optional(fieldsOf(CUTOUT)),
  mixup: optional(fieldsOf(MIXUP)),
  range: optional(fieldsOf({ black: LEVEL, white: LEVEL })),
};

/** @throws DataError `OPTION` listing all problems */
export function checkAugmentOptions(options: AugmentOptions): void {
  checkGiven('augmented', { options: [fieldsOf(OPTIONS), options] });
}
