// A dataset whose samples are randomly augmented during training.
import {
  type Batch,
  checkGiven,
  DataError,
  type Dataset,
  type Draw,
  float32,
  type Form,
  sizeOf,
  type Tensor,
  typeText,
} from '@isonet/core';
import type { ImageShape } from '../imageShape.ts';
import { affineImage, drawAffine } from './affine.ts';
import { cutoutImage, drawCutout } from './cutout.ts';
import { drawJitter, jitterImage, type Levels } from './jitter.ts';
import { drawMix, type Mix, mixInto, mixLabels } from './mixup.ts';
import { drawMove, moveImage } from './move.ts';
import { type AugmentOptions, checkAugmentOptions } from './options.ts';

const DATASET: Form = {
  text: 'a dataset { length, batch(indices) }',
  fits: (value) => typeof value === 'object' && value !== null && 'length' in value && 'batch' in value,
};

/**
 * Augments a dataset: batches that are requested with `draw`, as in training, contain randomly changed samples. Without
 * `draw`, as in evaluation, they contain the original samples. Works on `float32 [N, channels, height, width]`,
 * normalized or not, with any number of channels.
 *
 * The changes to a sample are a function of (seed, epoch, its index in `dataset`), computed in arithmetic that is
 * bitwise reproducible. They do not depend on batch size, order, resuming or the machine. This includes mixup, which
 * draws partners from the whole dataset and therefore reads twice as many samples. With mixup, class labels become
 * `float32 [N, classes]`.
 * ```ts
 * const train = augmented(data.train, { flip: true, crop: { padding: 4 } });
 * await fit({ model, device, train, epochs: 10 });
 * ```
 * @throws DataError `OPTION` listing all invalid options. `batch` of the result throws `AUGMENT` if the inputs have a
 *   different shape or type, or if `mixup` does not know the number of classes
 */
export function augmented(dataset: Dataset, options: AugmentOptions): Dataset {
  checkGiven('augmented', { dataset: [DATASET, dataset] });
  checkAugmentOptions(options);
  const { mixup } = options;
  const { length } = dataset;
  return {
    length,
    batch: (indices, draw) => {
      if (draw === undefined) return dataset.batch(indices);
      const mixes =
        mixup === undefined ? [] : Array.from(indices, (index) => drawMix(mixup, length, draw, index));
      const asked = Uint32Array.of(...indices, ...mixes.map(({ partner }) => partner));
      const finish = (batch: Batch): Batch => {
        const changed = { ...batch, inputs: changeImages(batch.inputs, asked, draw, options) };
        return mixup === undefined ? changed : mixed(changed, mixes, mixup.classes ?? classCount(dataset));
      };
      const batch = dataset.batch(asked, draw);
      return batch instanceof Promise ? batch.then(finish) : finish(batch);
    },
  };
}

/** Returns the number of classes that a dataset names. */
function classCount(dataset: Dataset): number | undefined {
  return 'classes' in dataset && Array.isArray(dataset.classes) ? dataset.classes.length : undefined;
}

/**
 * Returns augmented copies of the images. The originals may be shared, so they are not modified.
 * `[n, channels, height, width] -> [n, channels, height, width]`
 */
function changeImages(inputs: Tensor, indices: Uint32Array, draw: Draw, options: AugmentOptions): Tensor {
  const [n, channels, height, width] = inputs.shape;
  const isImages = n !== undefined && channels !== undefined && height !== undefined && width !== undefined;
  if (inputs.dtype !== 'float32' || !isImages || inputs.shape.length !== 4) {
    throw new DataError(
      'AUGMENT',
      `augmented: expected inputs float32 [N, channels, height, width], got ${typeText(inputs)}`,
    );
  }
  const shape: ImageShape = [channels, height, width];
  const { affine, jitter, cutout } = options;
  const levels = levelsOf(options, channels);
  const [size, area] = [sizeOf(shape), height * width];
  const changed = new Float32Array(n * size);
  const mapped = affine === undefined ? undefined : new Float32Array(size);
  indices.forEach((index, i) => {
    let image = inputs.data.subarray(i * size, (i + 1) * size);
    const out = changed.subarray(i * size, (i + 1) * size);
    if (affine !== undefined && mapped !== undefined) {
      affineImage(image, mapped, shape, drawAffine(affine, shape, draw, index), levels.black);
      image = mapped;
    }
    moveImage(image, out, shape, drawMove(options, draw, index), levels.black);
    if (jitter !== undefined) jitterImage(out, area, drawJitter(jitter, draw, index), levels);
    if (cutout !== undefined) cutoutImage(out, shape, cutout, drawCutout(shape, draw, index), levels.black);
  });
  return float32([n, ...shape], changed);
}

/** @throws DataError `AUGMENT` if `range` lists values for a different number of channels */
function levelsOf({ range }: AugmentOptions, channels: number): Levels {
  const each = (level: number | readonly number[]): readonly number[] => {
    if (typeof level === 'number') return Array<number>(channels).fill(level);
    if (level.length === channels) return level;
    throw new DataError(
      'AUGMENT',
      `augmented: range: expected one number per channel (${channels}), got ${level.length}`,
    );
  };
  return { black: each(range?.black ?? 0), white: each(range?.white ?? 1) };
}

/** Mixes the first half of a batch with its second half. */
function mixed(batch: Batch, mixes: readonly Mix[], classes: number | undefined): Batch {
  const { inputs, labels, origins } = batch;
  const n = mixes.length;
  const [, ...shape] = inputs.shape;
  const size = sizeOf(shape);
  if (inputs.dtype !== 'float32') throw new DataError('AUGMENT', 'augmented: mixup: expected float32 inputs');
  const images = inputs.data;
  mixes.forEach(({ own }, i) => {
    mixInto(
      images.subarray(i * size, (i + 1) * size),
      images.subarray((n + i) * size, (n + i + 1) * size),
      own,
    );
  });
  return {
    inputs: float32([n, ...shape], images.slice(0, n * size)),
    labels: mixLabels(labels, mixes, classes),
    ...(origins === undefined ? {} : { origins: origins.slice(0, n) }),
  };
}
