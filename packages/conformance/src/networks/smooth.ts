// NiN and GoogLeNet without kinks: tanh instead of ReLU, average instead of max pooling. The effect of rounding grows smoothly in
// them, so they can be judged from end to end. Shapes, kernels, strides and paths are those of @isonet/models.
import type { Layer, ImageClassifier } from '@isonet/core';
import { avgPool2d, conv2d, dense, flatten, globalAvgPool2d, sequential } from '@isonet/core';

export interface SmoothNinOptions {
  /** The channels of the first three blocks; default: the book's. */
  readonly channels?: readonly [first: number, second: number, third: number];
  /** Whether batch norm follows every convolution; default false. */
  readonly batchNorm?: boolean;
}

/** NiN. `images: float32 [N, 1, 28, 28] -> logits: [N, 10]` */
export function smoothNin({
  channels = [24, 64, 96],
  batchNorm = false,
}: SmoothNinOptions = {}): ImageClassifier {
  const classes = 10;
  const block = (out: number, kernel: number, stride: number, padding: number): Layer => {
    const each = { activation: 'tanh', batchNorm } as const;
    return sequential({
      c1: conv2d(out, { kernel, stride, padding, ...each }),
      c2: conv2d(out, { kernel: 1, ...each }),
      c3: conv2d(out, { kernel: 1, ...each }),
    });
  };
  return {
    name: 'nin-smooth',
    input: { name: 'images', shape: [1, 28, 28] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      nin1: block(channels[0], 3, 1, 0),
      pool1: avgPool2d({ kernel: 2, stride: 1 }),
      nin2: block(channels[1], 3, 2, 2),
      pool2: avgPool2d({ kernel: 2, stride: 1 }),
      nin3: block(channels[2], 4, 2, 1),
      pool3: avgPool2d({ kernel: 3, stride: 2 }),
      nin4: block(classes, 3, 1, 1),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

/**
 * GoogLeNet on 28x28 images, without batch norm: its last layers see a single pixel, and normalizing two values
 * results in 1 and -1, which is a kink again. `images: float32 [N, 1, 28, 28] -> logits: [N, 10]`
 */
export function smoothGoogLeNet(): ImageClassifier {
  const pool = avgPool2d({ kernel: 3, stride: 2, padding: 1 });
  return {
    name: 'googlenet28-smooth',
    input: { name: 'images', shape: [1, 28, 28] },
    output: { name: 'logits', shape: [10] },
    layer: sequential({
      b1: sequential({ conv: conv2d(64, { kernel: 7, stride: 2, padding: 3, activation: 'tanh' }), pool }),
      b2: sequential({
        conv1: conv2d(64, { kernel: 1 }),
        conv2: conv2d(192, { kernel: 3, padding: 1 }),
        pool,
      }),
      b3: sequential({
        inc1: inception(64, [96, 128], [16, 32], 32),
        inc2: inception(128, [128, 192], [32, 96], 64),
        pool,
      }),
      b4: sequential({
        inc1: inception(192, [96, 208], [16, 48], 64),
        inc2: inception(160, [112, 224], [24, 64], 64),
        inc3: inception(128, [128, 256], [24, 64], 64),
        inc4: inception(112, [144, 288], [32, 64], 64),
        inc5: inception(256, [160, 320], [32, 128], 128),
        pool,
      }),
      b5: sequential({
        inc1: inception(256, [160, 320], [32, 128], 128),
        inc2: inception(384, [192, 384], [48, 128], 128),
        gap: globalAvgPool2d(),
      }),
      flatten: flatten(),
      fc: dense(10),
    }),
  };
}

type Path = readonly [reduction: number, channels: number];

function inception(c1: number, c2: Path, c3: Path, c4: number): Layer {
  const activation = 'tanh';
  const paths: readonly Layer[] = [
    sequential({ p1: conv2d(c1, { kernel: 1, activation }) }),
    sequential({
      p2a: conv2d(c2[0], { kernel: 1, activation }),
      p2b: conv2d(c2[1], { kernel: 3, padding: 1, activation }),
    }),
    sequential({
      p3a: conv2d(c3[0], { kernel: 1, activation }),
      p3b: conv2d(c3[1], { kernel: 5, padding: 2, activation }),
    }),
    sequential({
      pool: avgPool2d({ kernel: 3, stride: 1, padding: 1 }),
      p4: conv2d(c4, { kernel: 1, activation }),
    }),
  ];
  return (scope, x) => scope.op.concat(...paths.map((path) => path(scope, x)), { axis: 1 });
}
