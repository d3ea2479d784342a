// Parses augmentation options from a line of text, as in a command: `flip,crop=4,rotate=10,jitter=0.2,cutout=8,mixup=0.2`.
import { DataError, messageOf, nearest } from '@isonet/core';
import type { AffineOptions } from './affine.ts';
import type { JitterOptions } from './jitter.ts';
import { type AugmentOptions, checkAugmentOptions } from './options.ts';

/** Converts the value of an item to options. */
type Setting = (value: number) => AugmentOptions;

const affine = (options: AffineOptions): AugmentOptions => ({ affine: options });
const jitter = (options: JitterOptions): AugmentOptions => ({ jitter: options });

const SETTINGS: Readonly<Record<string, Setting>> = {
  crop: (padding) => ({ crop: { padding } }),
  rotate: (degrees) => affine({ degrees }),
  translate: (translate) => affine({ translate }),
  scale: (scale) => affine({ scale }),
  jitter: (all) => jitter({ brightness: all, contrast: all, saturation: all }),
  brightness: (brightness) => jitter({ brightness }),
  contrast: (contrast) => jitter({ contrast }),
  saturation: (saturation) => jitter({ saturation }),
  hue: (hue) => jitter({ hue }),
  cutout: (size) => ({ cutout: { size } }),
  mixup: (alpha) => ({ mixup: { alpha } }),
};

/** The syntax, for help texts and errors. */
export const AUGMENTATION_TEXT: string =
  'flip, crop=PIXELS, rotate=DEGREES, translate=PART, scale=PART, jitter=PART (or brightness, contrast, saturation, hue), ' +
  'cutout=PIXELS, mixup=ALPHA, separated by commas';

const DECIMAL = /^(?:\d+\.?\d*|\.\d+)$/;

/**
 * Parses augmentation options. Later items add to earlier ones, so `jitter=0.2,hue=0.05` sets both.
 * @throws DataError `AUGMENT`, in one line, for an unknown or repeated item, or an invalid number
 */
export function parseAugmentation(text: string): AugmentOptions {
  let options: AugmentOptions = {};
  const seen = new Set<string>();
  for (const item of text.split(',').map((part) => part.trim())) {
    const [name = '', value, ...more] = item.split('=');
    const fail = (problem: string): DataError =>
      new DataError('AUGMENT', `augmentation "${item}": ${problem}`);
    if (seen.has(name)) throw fail(`${name} appears twice; remove one`);
    seen.add(name);
    const set = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (name === 'flip') {
      if (value !== undefined) throw fail('flip has no value; write flip');
      options = { ...options, flip: true };
    } else if (set === undefined) {
      const meant = nearest(name, ['flip', ...Object.keys(SETTINGS)]);
      const hint = meant === undefined ? '' : `did you mean ${meant}? `;
      throw fail(`${hint}expected ${AUGMENTATION_TEXT}`);
    } else {
      if (value === undefined || more.length > 0 || !DECIMAL.test(value)) {
        throw fail(
          `expected ${name}=NUMBER, such as ${name}=${name === 'crop' || name === 'cutout' ? 4 : 0.2}`,
        );
      }
      const setting = set(Number(value));
      check(setting, fail);
      options = merged(options, setting);
    }
  }
  return options;
}

function check(setting: AugmentOptions, fail: (problem: string) => DataError): void {
  try {
    checkAugmentOptions(setting);
  } catch (error) {
    throw fail(messageOf(error).replace(/^augmented: options: /, ''));
  }
}

function merged(
  before: AugmentOptions,
  { affine: map, jitter: colours, ...others }: AugmentOptions,
): AugmentOptions {
  return {
    ...before,
    ...others,
    ...(map === undefined ? {} : { affine: { ...before.affine, ...map } }),
    ...(colours === undefined ? {} : { jitter: { ...before.jitter, ...colours } }),
  };
}
