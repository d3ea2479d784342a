// Poolings and their gradients, in NHWC.
import type { Kernels } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type { TfjsKernelTypes } from '../context.ts';

type Pooling = 'avgPool2d' | 'avgPool2dGrad' | 'maxPool2d' | 'maxPool2dGather' | 'maxPool2dGrad';

export const pooling: Pick<Kernels<TfjsKernelTypes>, Pooling> = {
  avgPool2d: ({ attrs }, { inputs: [x], outputs: [y] }, { images }) => {
    const [, , height, width] = shape4(y.shape);
    return { tensor: images.avgPool2d(x.image(), [height, width], attrs), layout: 'nhwc' };
  },
  avgPool2dGrad: ({ attrs }, { inputs: [dy] }, { images }) => {
    const [, , height, width] = shape4(attrs.inputShape);
    return { tensor: images.avgPool2dGrad(dy.image(), [height, width], attrs), layout: 'nhwc' };
  },
  maxPool2d: ({ attrs }, { inputs: [x] }, { images }) => ({
    tensor: images.maxPool2d(x.image(), attrs),
    layout: 'nhwc',
  }),
  maxPool2dGather: ({ attrs }, { inputs: [x, y, g] }, { images }) => ({
    tensor: images.maxPool2dGather(x.image(), y.image(), g.image(), attrs),
    layout: 'nhwc',
  }),
  maxPool2dGrad: ({ attrs }, { inputs: [x, y, dy] }, { images }) => ({
    tensor: images.maxPool2dGrad(x.image(), y.image(), dy.image(), attrs),
    layout: 'nhwc',
  }),
};
