// GoogLeNet, in the version that the book (Dive into Deep Learning) trains on Fashion-MNIST and in the version of the paper (Szegedy
// et al. 2014, "Going deeper with convolutions"). Comments refer to table 1 of the paper.
import type { ImageClassifier, Layer } from '@isonet/core';
import {
  avgPool2d,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAvgPool2d,
  localResponseNorm,
  maxPool2d,
  sequential,
} from '@isonet/core';
import type { Path } from './inception.ts';
import { inception } from './inception.ts';

/** Options of {@link googlenet}. */
export interface GoogLeNetOptions {
  /** Height and width of the images in pixels; default 96. */
  readonly size?: number;
  /** Batch normalization after every convolution; default false. */
  readonly batchNorm?: boolean;
}

/**
 * Builds the book's GoogLeNet, with 5,977,530 parameters. `images: float32 [N, 1, size, size] -> logits: [N, 10]`
 * As in the book, the convolutions of the second block have no ReLU.
 */
export function googlenet({ size = 96, batchNorm = false }: GoogLeNetOptions = {}): ImageClassifier {
  const classes = 10;
  const pool = maxPool2d({ kernel: 3, stride: 2, padding: 1 });
  const { b3, b4, b5 } = inceptions(batchNorm);
  return {
    name: 'googlenet',
    input: { name: 'images', shape: [1, size, size] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      b1: sequential({
        conv: conv2d(64, { kernel: 7, stride: 2, padding: 3, activation: 'relu', batchNorm }),
        pool,
      }),
      b2: sequential({
        conv1: conv2d(64, { kernel: 1, batchNorm }),
        conv2: conv2d(192, { kernel: 3, padding: 1, batchNorm }),
        pool,
      }),
      b3: sequential({ ...b3, pool }),
      b4: sequential({ ...b4, pool }),
      b5: sequential({ ...b5, gap: globalAvgPool2d() }),
      flatten: flatten(),
      fc: dense(classes),
    }),
  };
}

/**
 * Builds the paper's GoogLeNet for ImageNet, with 6,998,552 parameters, or 13,378,280 including the two auxiliary
 * branches used in training. `images: float32 [N, 3, 224, 224] -> logits: [N, 1000]`. Pooling sizes round up,
 * which is implemented as padding at the bottom and the right.
 */
export function googlenetImageNet({
  batchNorm = false,
}: Pick<GoogLeNetOptions, 'batchNorm'> = {}): ImageClassifier {
  const classes = 1000;
  const each = { activation: 'relu', batchNorm } as const;
  const pool = maxPool2d({ kernel: 3, stride: 2, padding: [0, 0, 1, 1] });
  const { b3, b4, b5 } = inceptions(batchNorm);
  const { inc1, inc2, inc3, inc4, inc5 } = b4;
  return {
    name: 'googlenet-imagenet',
    input: { name: 'images', shape: [3, 224, 224] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      b1: sequential({
        conv: conv2d(64, { kernel: 7, stride: 2, padding: 3, ...each }),
        pool,
        norm: localResponseNorm(),
      }),
      b2: sequential({
        conv1: conv2d(64, { kernel: 1, ...each }),
        conv2: conv2d(192, { kernel: 3, padding: 1, ...each }),
        norm: localResponseNorm(),
        pool,
      }),
      b3: sequential({ ...b3, pool }),
      b4: sequential({
        inc1,
        aux1: auxiliary(classes, batchNorm),
        inc2,
        inc3,
        inc4,
        aux2: auxiliary(classes, batchNorm),
        inc5,
        pool,
      }),
      b5: sequential({ ...b5, gap: globalAvgPool2d() }),
      flatten: flatten(),
      dropout: dropout(0.4),
      fc: dense(classes),
    }),
  };
}

interface Inceptions {
  readonly b3: { readonly inc1: Layer; readonly inc2: Layer };
  readonly b4: Readonly<Record<'inc1' | 'inc2' | 'inc3' | 'inc4' | 'inc5', Layer>>;
  readonly b5: { readonly inc1: Layer; readonly inc2: Layer };
}

/** Builds the nine Inception blocks. Arguments follow table 1: #1x1, #3x3 reduce and #3x3, #5x5 reduce and #5x5, pool proj. */
function inceptions(batchNorm: boolean): Inceptions {
  const block = (c1: number, c2: Path, c3: Path, c4: number): Layer => inception(c1, c2, c3, c4, batchNorm);
  return {
    b3: {
      inc1: block(64, [96, 128], [16, 32], 32), // 3a
      inc2: block(128, [128, 192], [32, 96], 64), // 3b
    },
    b4: {
      inc1: block(192, [96, 208], [16, 48], 64), // 4a
      inc2: block(160, [112, 224], [24, 64], 64), // 4b
      inc3: block(128, [128, 256], [24, 64], 64), // 4c
      inc4: block(112, [144, 288], [32, 64], 64), // 4d
      inc5: block(256, [160, 320], [32, 128], 128), // 4e
    },
    b5: {
      inc1: block(256, [160, 320], [32, 128], 128), // 5a
      inc2: block(384, [192, 384], [48, 128], 128), // 5b
    },
  };
}

/**
 * An auxiliary branch (section 5). In training, its loss, with weight 0.3, sends gradients directly to the lower layers. It returns x
 * unchanged. `x: [N, C, 14, 14] -> x`
 */
function auxiliary(classes: number, batchNorm: boolean): Layer {
  const branch = sequential({
    pool: avgPool2d({ kernel: 5, stride: 3 }),
    conv: conv2d(128, { kernel: 1, activation: 'relu', batchNorm }),
    flatten: flatten(),
    fc1: dense(1024, { activation: 'relu' }),
    dropout: dropout(0.7),
    fc2: dense(classes),
  });
  return (scope, x) => {
    if (scope.training) scope.auxiliary(branch(scope, x), 0.3);
    return x;
  };
}
