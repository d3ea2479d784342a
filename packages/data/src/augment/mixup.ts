// Mixup (Zhang et al., "mixup: beyond empirical risk minimization", 2018): each sample is mixed with another one, and so are their
// labels. Partners are usually taken from the batch. Here partner and weight are functions of (seed, epoch, index), like all that is
// random of a sample, so that batch size, order and shards do not matter: the partner is any sample of the dataset, drawn evenly.
import { DataError, type Draw, float32, sizeOf, type Tensor, typeText } from '@isonet/core';
import { augmentStream, pairAt } from './draws.ts';
import { exp, ln } from './exact.ts';

/** Options of mixup. */
export interface MixupOptions {
  /** The weight of a sample is drawn from Beta(alpha, alpha); above 0, at most 4. */
  readonly alpha: number;
  /** Of labels that are classes, how many there are. Default: as many as the dataset has names. */
  readonly classes?: number;
}

/** What a sample is mixed with. */
export interface Mix {
  /** Index of the other sample. */
  readonly partner: number;
  /** The part that the sample itself has, 0.5 to 1. */
  readonly own: number;
}

const [PARTNER, WEIGHT] = [augmentStream('mixup/partner'), augmentStream('mixup/weight')];
/** For an alpha of 4, one in 70 is taken: so many in vain is one sample in two million, which then is not mixed. */
const ATTEMPTS = 1000;
/** Half of the distance between two numbers that are drawn. */
const HALF_STEP = 1 / 0x200000000;

/**
 * What a sample is mixed with. The larger part is its own: a mean of two samples has no order, and each sample is then in the epoch
 * once as the main one.
 */
export function drawMix({ alpha }: MixupOptions, length: number, draw: Draw, index: number): Mix {
  const partner = Math.floor(pairAt(draw, PARTNER, index)[0] * length);
  const weight = drawBeta(alpha, draw, index);
  return { partner, own: Math.max(weight, 1 - weight) };
}

/** From Beta(alpha, alpha) by Jöhnk's method (1964): u^(1/alpha) / (u^(1/alpha) + v^(1/alpha)) where the sum is at most 1. */
function drawBeta(alpha: number, draw: Draw, index: number): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [u, v] = pairAt(draw, (WEIGHT + attempt) >>> 0, index);
    // Half a step above, so that neither is 0.
    const [x, y] = [ln(u + HALF_STEP) / alpha, ln(v + HALF_STEP) / alpha];
    if (exp(x) + exp(y) <= 1) return 1 / (1 + exp(y - x));
  }
  return 1;
}

/** `own * image + (1 - own) * other`, in place. */
export function mixInto(image: Float32Array, other: Float32Array, own: number): void {
  const rest = 1 - own;
  for (let i = 0; i < image.length; i++) image[i] = own * image[i]! + rest * other[i]!;
}

/**
 * Labels of mixed samples: row i of the first half is mixed with row i of the second. Classes become probabilities.
 * `labels: int32 [2N] -> float32 [N, classes], or float32 [2N, ...] -> float32 [N, ...]`
 * @throws DataError `AUGMENT` for classes whose number is not known, or labels of another type; `LABEL` for one that is not a class
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
      'augmented: mixup: the dataset does not tell how many classes there are: set mixup: { alpha, classes }',
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
