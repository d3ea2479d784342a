// Convolutions and matrix products, with images in NHWC and filters in HWIO. A grouped convolution runs one convolution per group.
import type { Kernels } from '@isonet/core';
import { defined, shape4 } from '@isonet/core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TfjsKernelTypes } from '../context.ts';
import type { Tf } from '../tf.ts';

type Products = 'batchMatMul' | 'conv2d' | 'conv2dGradFilter' | 'conv2dGradInput' | 'matMul';

export const products: Pick<Kernels<TfjsKernelTypes>, Products> = {
  batchMatMul: ({ attrs }, { inputs: [x, y] }, { images }) => ({
    tensor: images.batchMatMul(x.full('rowMajor') as Tensor3D, y.full('rowMajor') as Tensor3D, attrs),
    layout: 'rowMajor',
  }),

  conv2d: ({ attrs }, { inputs: [x, w] }, { tf, images }) => ({
    tensor: perGroup(tf, attrs.groups, [x.image(), w.filter()], (a, b) => images.conv2d(a, b, attrs)),
    layout: 'nhwc',
  }),

  conv2dGradFilter: ({ attrs }, { inputs: [x, dy] }, { tf, images }) => {
    const [, , height, width] = shape4(attrs.filterShape);
    const tensor = perGroup(tf, attrs.groups, [x.image(), dy.image()], (a, b) =>
      images.conv2dGradFilter(a, b, [height, width], attrs),
    );
    return { tensor, layout: 'hwio' };
  },

  conv2dGradInput: ({ attrs }, { inputs: [dy, w] }, { tf, images }) => {
    const [, , height, width] = shape4(attrs.inputShape);
    const tensor = perGroup(tf, attrs.groups, [dy.image(), w.filter()], (a, b) =>
      images.conv2dGradInput(a, b, [height, width], attrs),
    );
    return { tensor, layout: 'nhwc' };
  },

  matMul: ({ attrs }, { inputs: [x, y] }, { images }) => ({
    tensor: images.matMul(x.full('rowMajor') as Tensor2D, y.full('rowMajor') as Tensor2D, attrs),
    layout: 'rowMajor',
  }),
};

/** Applies f to each group: splits the operands along their last axis, and concatenates the results along theirs. */
function perGroup(
  tf: Tf,
  groups: number,
  [a, b]: readonly [Tensor4D, Tensor4D],
  f: (a: Tensor4D, b: Tensor4D) => Tensor4D,
): Tensor4D {
  if (groups === 1) return f(a, b);
  const [as, bs] = [tf.split<Tensor4D>(a, groups, 3), tf.split<Tensor4D>(b, groups, 3)];
  return tf.concat(
    as.map((part, group) => f(part, defined(bs[group], `group ${group}`))),
    3,
  );
}
