// Divides pictures into those that are trained on and those that are held out, class by class, by a seed.
import { createHash } from 'node:crypto';
import { DataError } from '@isonet/core';
import type { Listing, Part } from './listing.ts';
import type { ScannedPicture } from './pictureDataset.ts';

/** How to divide pictures that neither folders nor a manifest divide. */
export interface SplitFractions {
  /** Of each class, for validation: at least 0 and below 1. */
  readonly validation: number;
  /** Of each class, for testing. */
  readonly test: number;
  /** A whole number below 2^32. */
  readonly seed: number;
}

/**
 * The pictures of each part, in their order. Of each class, the same fraction is held out, rounded, at least one picture where the
 * fraction is above 0, and at least one is left to train on. Which ones is decided by the contents of each file, so a picture that is
 * added, removed or renamed leaves the others where they are, up to one that moves as the number held out changes; and copies of a
 * file stay together, but for one pair at each border.
 * @throws DataError `DATA_FOLDER` for a class with too few pictures
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
        `pictures in "${folder}": class "${classes[label]}" has ${members.length === 1 ? '1 picture' : `${members.length} pictures`}, and holding out ${validations + tests} leaves none to train on; add pictures, or divide them yourself into train/${classes[label]} and test/${classes[label]}, and so on`,
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

/** In an order that the seed and their contents decide. */
function drawn(pictures: readonly ScannedPicture[], seed: number): readonly ScannedPicture[] {
  const keyed = pictures.map((picture) => ({
    picture,
    key: createHash('sha256').update(`split ${seed} ${picture.sha256}`).digest('hex'),
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ picture }) => picture);
}
