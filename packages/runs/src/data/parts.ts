// Selects the training and validation images of a run.
import type { Dataset } from '@isonet/core';
import { DataError, defined, permutation, split, subset, take } from '@isonet/core';
import type { AugmentOptions } from '@isonet/data';
import { augmented, parseAugmentation } from '@isonet/data';
import type { RunOptions } from '../folder/options.ts';
import { counted } from '../words.ts';
import type { LabelledImages, ModelData } from './modelData.ts';

/** The data that {@link trainingImages} selects from. */
export interface TrainingData extends Pick<ModelData, 'isSorted' | 'preprocessing'> {
  readonly train: Dataset & Pick<LabelledImages, 'classes'>;
  readonly validation: Dataset | undefined;
}

/** The training images of a run, and its validation images if it has any. */
export interface TrainingImages {
  readonly train: Dataset;
  readonly validation: Dataset | undefined;
}

/**
 * Returns the first `limit` images; null: all. If the data is sorted by class, draws that many images with a fixed seed
 * instead.
 * @throws DataError `DATA_LIMIT` if there are fewer images
 */
export function firstImages(
  { train, isSorted }: { readonly train: Dataset; readonly isSorted: boolean },
  limit: number | null,
): Dataset {
  if (limit === null) return train;
  if (limit > train.length) {
    throw new DataError(
      'DATA_LIMIT',
      `--limit ${limit}: the data has ${counted(train.length, 'training image')}; choose a lower limit or leave it out`,
    );
  }
  if (!isSorted) return take(train, limit);
  return subset(train, permutation(0, 'limit', 0, train.length).slice(0, limit).toSorted());
}

/**
 * Returns the training and validation images of a run: takes the first `limit` images, splits them by its seed, and
 * augments the training images if requested. Data with its own validation images is not split.
 * @throws DataError `DATA_LIMIT` if there are fewer images; `DATA_VALIDATION` if a part of the split would be empty, or the
 *   data already has validation images
 */
export function trainingImages(
  data: TrainingData,
  { limit, validation, seed, augment }: Pick<RunOptions, 'limit' | 'validation' | 'seed' | 'augment'>,
): TrainingImages {
  const parts = divided(data, { limit, validation, seed });
  if (augment === null) return parts;
  return { ...parts, train: augmented(parts.train, augmentationOf(augment, data)) };
}

/** Sets the range of colours and fill values to the values of black and white after normalization. */
function augmentationOf(text: string, { train, preprocessing }: TrainingData): AugmentOptions {
  const { mixup, ...options } = parseAugmentation(text);
  const { mean, std } = preprocessing ?? { mean: [0], std: [1] };
  const level = (value: number): number | readonly number[] => {
    const levels = mean.map(
      (m, c) => (value - m) / defined(std[c], `the standard deviation of channel ${c}`),
    );
    return levels.length === 1 ? defined(levels[0], 'a level') : levels;
  };
  return {
    ...options,
    range: { black: level(0), white: level(1) },
    ...(mixup ? { mixup: { ...mixup, classes: train.classes.length } } : {}),
  };
}

function divided(
  data: TrainingData,
  { limit, validation, seed }: Pick<RunOptions, 'limit' | 'validation' | 'seed'>,
): TrainingImages {
  const images = firstImages(data, limit);
  if (validation === null) return { train: images, validation: data.validation };
  if (data.validation) {
    throw new DataError(
      'DATA_VALIDATION',
      `--validation ${validation}: the data already has ${counted(data.validation.length, 'validation image')}: leave it out`,
    );
  }
  try {
    const [train, held] = split(images, { held: validation, seed });
    return { train, validation: held };
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(
      'DATA_VALIDATION',
      `--validation ${validation}: ${counted(images.length, 'training image')} cannot be split so that both parts have images; choose another fraction`,
      { cause },
    );
  }
}
