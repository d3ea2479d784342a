// Which images of the data a run is trained on, and which it is validated on.
import type { Dataset } from '@isonet/core';
import { DataError, defined, permutation, split, subset, take } from '@isonet/core';
import type { AugmentOptions } from '@isonet/data';
import { augmented, parseAugmentation } from '@isonet/data';
import type { RunOptions } from '../folder/options.ts';
import { counted } from '../words.ts';
import type { LabelledImages, ModelData } from './modelData.ts';

/** What {@link trainingImages} picks from. */
export interface TrainingData extends Pick<ModelData, 'isSorted' | 'preprocessing'> {
  readonly train: Dataset & Pick<LabelledImages, 'classes'>;
  readonly validation: Dataset | undefined;
}

/** The images that a run is trained on, and those that are held back for validation, where it has one. */
export interface TrainingImages {
  readonly train: Dataset;
  readonly validation: Dataset | undefined;
}

/**
 * The first `limit` images; of data that are sorted by class, as many that are drawn, the same ones always. null: all.
 * @throws DataError `DATA_LIMIT` when there are fewer
 */
export function firstImages(
  { train, isSorted }: { readonly train: Dataset; readonly isSorted: boolean },
  limit: number | null,
): Dataset {
  if (limit === null) return train;
  if (limit > train.length) {
    throw new DataError(
      'DATA_LIMIT',
      `--limit ${limit}: the data has ${counted(train.length, 'training image')}; ask for fewer or leave it out`,
    );
  }
  if (!isSorted) return take(train, limit);
  return subset(train, permutation(0, 'limit', 0, train.length).slice(0, limit).toSorted());
}

/**
 * The training images of a run: the first `limit`, then split by its seed, and changed at random where the run asks for that. Data with validation images of their own are not split.
 * @throws DataError `DATA_LIMIT` when there are fewer; `DATA_VALIDATION` when a part of the split would be empty, or the data have
 *   validation images already
 */
export function trainingImages(
  data: TrainingData,
  { limit, validation, seed, augment }: Pick<RunOptions, 'limit' | 'validation' | 'seed' | 'augment'>,
): TrainingImages {
  const parts = divided(data, { limit, validation, seed });
  if (augment === null) return parts;
  return { ...parts, train: augmented(parts.train, augmentationOf(augment, data)) };
}

/** Colours are changed, and gaps filled, between the values that black and white have after the normalization. */
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
      `--validation ${validation}: the data have ${counted(data.validation.length, 'validation image')} of their own: leave it out`,
    );
  }
  try {
    const [train, held] = split(images, { held: validation, seed });
    return { train, validation: held };
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(
      'DATA_VALIDATION',
      `--validation ${validation}: of ${counted(images.length, 'training image')}, that leaves none to train on or none to validate on; choose another fraction`,
      { cause },
    );
  }
}
