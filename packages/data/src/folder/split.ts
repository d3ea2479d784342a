// Divides pictures into those that are trained on and those that are held out, class by class, by a seed.
import { DataError, permutation } from '@isonet/core';
import type { ListedPicture, Listing, Part } from './listing.ts';

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
 * fraction is above 0, and at least one is left to train on.
 * @throws DataError `DATA_FOLDER` for a class with too few pictures
 */
export function dividedBy(
  { pictures, classes, folder }: Listing,
  { validation, test, seed }: SplitFractions,
): Readonly<Record<Part, readonly ListedPicture[]>> {
  const partOfPicture = new Map<ListedPicture, Part>();
  const ofClass = classes.map((): ListedPicture[] => []);
  for (const picture of pictures) ofClass[picture.label]!.push(picture);
  for (const [label, members] of ofClass.entries()) {
    const held = (fraction: number): number =>
      fraction === 0 ? 0 : Math.max(1, Math.round(fraction * members.length));
    const [validations, tests] = [held(validation), held(test)];
    if (validations + tests >= members.length) {
      throw new DataError(
        'DATA_FOLDER',
        `pictures in "${folder}": class "${classes[label]}" has ${members.length}, and holding out ${validations + tests} leaves none to train on; add pictures or hold out fewer`,
      );
    }
    permutation(seed, `split/${classes[label]}`, 0, members.length).forEach((index, i) => {
      partOfPicture.set(
        members[index]!,
        i < tests ? 'test' : i < tests + validations ? 'validation' : 'train',
      );
    });
  }
  const of = (part: Part): readonly ListedPicture[] =>
    pictures.filter((picture) => partOfPicture.get(picture) === part);
  return { train: of('train'), validation: of('validation'), test: of('test') };
}
