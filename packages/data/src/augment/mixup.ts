// Mixup (Zhang et al., "mixup: beyond empirical risk minimization", 2018): mixes each sample with another one, and
// their labels in the same way. Partners are usually taken from the same batch. Here, the partner and the weight are
// functions of (seed, epoch, index), like all other augmentation, so that they do not depend on batch size, order or
// shards: the partner is drawn uniformly from the whole dataset.
import { DataError, type Draw, float32, sizeOf, type Tensor, typeText } from '@isonet/core';
import { augmentStream, pairAt } from './draws.ts';
import { exp, ln } from './exact.ts';

/** Options of mixup. */
export interface MixupOptions {
  /** The parameter of Beta(alpha, alpha), from which the weight of a sample is drawn; above 0, at most 4. */
  readonly alpha: number;
  /** The number of classes, for class labels. Default: the number of class names in the dataset. */
  readonly classes?: number;
}

/** The partner and the weight of a mixed sample. */
export interface Mix {
  /** The index of the other sample. */
  readonly partner: number;
  /** The weight of the sample itself, 0.5 to 1. */
  readonly own: number;
}

const [PARTNER, WEIGHT] = [augmentStream('mixup/partner'), augmentStream('mixup/weight')];
/**
 * With an alpha of 4, one attempt in 70 succeeds, so all attempts fail for one sample in two million, which is then not
 * mixed.
 */
const ATTEMPTS = 1000;
/** Half of the distance between two adjacent random numbers. */
const HALF_STEP = 1 / 0x200000000;

/**
 * Draws the partner and the weight of a sample. The sample itself has the larger weight, so that each sample is dominant
 * exactly once in an epoch. This loses nothing, because mixing is symmetric.
 */
export function drawMix({ alpha }: MixupOptions, length: number, draw: Draw, index: number): Mix {
  const partner = Math.floor(pairAt(draw, PARTNER, index)[0] * length);
  const weight = drawBeta(alpha, draw, index);
  return { partner, own: Math.max(weight, 1 - weight) };
}

/**
 * Draws from Beta(alpha, alpha) by Jöhnk's method (1964): u^(1/alpha) / (u^(1/alpha) + v^(1/alpha)) is accepted if the
 * denominator is at most 1.
 */
function drawBeta(alpha: number, draw: Draw, index: number): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [u, v] = pairAt(draw, (WEIGHT + attempt) >>> 0, index);
    // Half a step is added, so that neither logarithm is of 0.
    const [x, y] = [ln(u + HALF_STEP) / alpha, ln(v + HALF_STEP) / alpha];
    if (exp(x) + exp(y) <= 1) return 1 / (1 + exp(y - x));
  }
  return 1;
}

/** Computes `own * image + (1 - own) * other` in place. */
export function mixInto(image: Float32Array, other: Float32Array, own: number): void {
  const rest = 1 - own;
  for (let i = 0; i < image.length; i++) image[i] = own * image[i]! + rest * other[i]!;
}

/**
 * Mixes labels: row i of the first half with row i of the second. Classes become probabilities.
 * `labels: int32 [2N] -> float32 [N, classes], or float32 [2N, ...] -> float32 [N, ...]`
 * @throws DataError `AUGMENT` if the number of classes is unknown or the labels have a different type; `LABEL` for a
 *   label that is not a class
 */
export function mixLabels(labels: Tensor, mixes: readonly Mix[], classes: number | undefined): Tensor {
  const n = mixes.length;
  const rest = labels.shape.slice(1);
  if (labels.dtype === 'float32') {
    const size = sizeOf(rest);
    const mixed = labels.data.slice(0, n * size);
    mixes.forEach(({ own }, i) => {
      mixInto(
        mixed.subarray(i * size, (i + 1) * size),
        labels.data.subarray((n + i) * size, (n + i + 1) * size),
        own,
      );
    });
    return float32([n, ...rest], mixed);
  }
  if (labels.dtype !== 'int32' || rest.length > 0) {
    throw new DataError(
      'AUGMENT',
      `augmented: mixup: expected labels int32 [N] or float32 [N, ...], got ${typeText(labels)}`,
    );
  }
  if (classes === undefined) {
    throw new DataError(
      'AUGMENT',
      'augmented: mixup: the dataset does not specify its number of classes: set mixup: { alpha, classes }',
    );
  }
  const mixed = new Float32Array(n * classes);
  const labelAt = (i: number): number => {
    const label = labels.data[i]!;
    if (label >= 0 && label < classes) return label;
    throw new DataError('LABEL', `augmented: mixup: expected a label from 0 to ${classes - 1}, got ${label}`);
  };
  mixes.forEach(({ own }, i) => {
    const [mine, other] = [labelAt(i), labelAt(n + i)];
    mixed[i * classes + mine] = mine === other ? 1 : own;
    if (mine !== other) mixed[i * classes + other] = 1 - own;
  });
  return float32([n, classes], mixed);
}
