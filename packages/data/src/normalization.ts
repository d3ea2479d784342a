// The normalization of images, by name or in the text form of the command line.
import { DataError, nearest } from '@isonet/core';

/** A normalization: `(value - mean) / std` for values from 0 to 1, per channel. */
export interface Normalization {
  /** One value per channel. */
  readonly mean: readonly number[];
  /** One value per channel, above 0. */
  readonly std: readonly number[];
}

/** The names of predefined normalizations. */
export type NormalizationName = 'imagenet' | 'unit' | 'none';

/**
 * The predefined normalizations:
 * - `imagenet`: ImageNet's means and standard deviations, with which torchvision's networks are trained; 3 channels
 * - `unit`: values from 0 to 1
 * - `none`: values from 0 to 255
 *
 * A one-element list applies to every channel.
 */
export const normalizations: Readonly<Record<NormalizationName, Normalization>> = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  unit: { mean: [0], std: [1] },
  none: { mean: [0], std: [1 / 255] },
};

const NAMES = Object.keys(normalizations);
const FORMS = `one of ${NAMES.join(', ')}, or MEAN/STD for values from 0 to 1, such as 0.5/0.5 or 0.5,0.5,0.5/0.2,0.2,0.2`;

/** Far above any sensible value. */
const MAX = 1e6;

/** Returns whether a value is a valid mean. */
export function isMean(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= MAX;
}

/** Returns whether a value is a valid standard deviation. Its reciprocal must be finite in float32, too. */
export function isStd(value: unknown): value is number {
  return typeof value === 'number' && value >= 1 / MAX && value <= MAX;
}

/**
 * Parses a normalization: `imagenet`, `unit`, `none`, or `MEAN/STD` with one number for all channels or one per
 * channel.
 * @throws DataError `NORMALIZATION` for any other text, or a different number of channels
 */
export function parseNormalization(text: string, channels: number): Normalization {
  const named = nameOf(text);
  const { mean, std } = named === undefined ? parseNumbers(text) : normalizations[named];
  return {
    mean: perChannel(mean, 'mean', channels, text),
    std: perChannel(std, 'standard deviation', channels, text),
  };
}

/** Formats a normalization for {@link parseNormalization}: `imagenet`, `unit`, `none`, or `0.5,0.4,0.3/0.2,0.2,0.2`. */
export function normalizationText({ mean, std }: Normalization): string {
  const same = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((value, c) => value === (b.length === 1 ? b[0] : b[c]));
  const name = NAMES.find((candidate) => {
    const known = normalizations[candidate as NormalizationName];
    const fits = known.mean.length === 1 || known.mean.length === mean.length;
    return fits && same(mean, known.mean) && same(std, known.std);
  });
  return name ?? `${mean.join(',')}/${std.join(',')}`;
}

function nameOf(text: string): NormalizationName | undefined {
  return Object.hasOwn(normalizations, text) ? (text as NormalizationName) : undefined;
}

function parseNumbers(text: string): Normalization {
  const [means = '', stds, ...rest] = text.split('/');
  if (stds === undefined || rest.length > 0) {
    const near = nearest(text, NAMES);
    throw fail(text, `expected ${FORMS}${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
  const [mean, std] = [means, stds].map((list) =>
    list.split(',').map((number) => (/\d/.test(number) ? Number(number) : Number.NaN)),
  ) as [number[], number[]];
  const wrongMean = mean.findIndex((number) => !isMean(number));
  if (wrongMean >= 0) {
    throw fail(
      text,
      `mean ${wrongMean + 1} is "${means.split(',')[wrongMean]}"; expected a number, ${FORMS}`,
    );
  }
  const wrongStd = std.findIndex((number) => !isStd(number));
  if (wrongStd >= 0) {
    const got = stds.split(',')[wrongStd];
    throw fail(text, `standard deviation ${wrongStd + 1} is "${got}"; expected a number above 0, ${FORMS}`);
  }
  return { mean, std };
}

function perChannel(
  numbers: readonly number[],
  what: string,
  channels: number,
  text: string,
): readonly number[] {
  const [first] = numbers;
  if (numbers.length === 1 && first !== undefined) return new Array<number>(channels).fill(first);
  if (numbers.length === channels) return numbers;
  const fix = channels === 1 ? 'for grey, such as 0.45/0.23' : `or ${channels} separated by commas`;
  throw fail(
    text,
    `its ${what} has ${numbers.length} channels, but the images have ${channels}; write one number ${fix}`,
  );
}

function fail(text: string, problem: string): DataError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return new DataError('NORMALIZATION', `normalization "${shown.replaceAll(/\s/g, ' ')}": ${problem}`);
}
