// Splits images into training, validation and test parts, class by class, based on a seed.
import { createHash } from 'node:crypto';
import { DataError } from '@isonet/core';
import type { Listing, Part } from './listing.ts';
import type { ScannedPicture } from './pictureDataset.ts';

/** The fractions and the seed for splitting images that neither folders nor a manifest divide. */
export interface SplitFractions {
  /** The fraction of each class for validation, at least 0 and below 1. */
  readonly validation: number;
  /** The fraction of each class for testing. */
  readonly test: number;
  /** A non-negative integer below 2^32. */
  readonly seed: number;
}

/**
 * Returns the images of each part, in their original order. The same fraction of each class is held out, rounded, with at
 * least one image if the fraction is above 0, and at least one left for training.
 *
 * The assignment depends on the contents of the files. Adding, removing or renaming an image leaves the others in their
 * parts, except for one that moves when the number of held-out images changes. Copies of a file stay together, except for
 * one pair at each boundary.
 * @throws DataError `DATA_FOLDER` for a class with too few images
 */
export function dividedBy(
  {
    pictures,
    classes,
    folder,
  }: Pick<Listing, 'classes' | 'folder'> & {
    readonly pictures: readonly ScannedPicture[];
  },
  { validation, test, seed }: SplitFractions,
): Readonly<Record<Part, readonly ScannedPicture[]>> {
  const partOfPicture = new Map<ScannedPicture, Part>();
  const ofClass = classes.map((): ScannedPicture[] => []);
  for (const picture of pictures) ofClass[picture.label]!.push(picture);
  for (const [label, members] of ofClass.entries()) {
    const held = (fraction: number): number =>
      fraction === 0 ? 0 : Math.max(1, Math.round(fraction * members.length));
    const [validations, tests] = [held(validation), held(test)];
    if (validations + tests >= members.length) {
      throw new DataError(
        'DATA_FOLDER',
        `images in "${folder}": class "${classes[label]}" has ${members.length === 1 ? '1 image' : `${members.length} images`}, and holding out ${validations + tests} leaves none for training; add images, or split them yourself into train/${classes[label]}, test/${classes[label]} and so on`,
      );
    }
    for (const [i, picture] of drawn(members, seed).entries()) {
      partOfPicture.set(picture, i < tests ? 'test' : i < tests + validations ? 'validation' : 'train');
    }
  }
  const of = (part: Part): readonly ScannedPicture[] =>
    pictures.filter((picture) => partOfPicture.get(picture) === part);
  return { train: of('train'), validation: of('validation'), test: of('test') };
}

/** Sorts images in a pseudorandom order that depends on the seed and their contents. */
function drawn(pictures: readonly ScannedPicture[], seed: number): readonly ScannedPicture[] {
  const keyed = pictures.map((picture) => ({
    picture,
    key: createHash('sha256').update(`split ${seed} ${picture.sha256}`).digest('hex'),
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ picture }) => picture);
}
