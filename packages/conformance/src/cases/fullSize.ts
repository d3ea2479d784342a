// Layers at the sizes that networks have them, on small whole numbers: bit for bit also in sums of 10^5 terms, where any bound
// on real numbers would let pass a kernel that returns 0. Each op by itself, not differentiated.
import type { Shape, TensorOf } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { numberAt } from '../check/compare.ts';
import { integers } from '../case/data.ts';
import { on } from './convolutions.ts';

const whole = { differentiable: false } as const;

/** So many numbers are drawn, then they come again: a prime, which is no multiple of any row, image or tile. */
const PERIOD = 65_537;

/** Made when it is first looked at: lists of cases are made where none of them is run. */
function drawn(name: string, shape: Shape): TensorOf<'float32'> {
  let data: Float32Array | undefined;
  const draw = (): Float32Array => {
    const { data: numbers } = integers(name, [PERIOD]);
    return new Float32Array(sizeOf(shape)).map((_, i) => numberAt(numbers, i % PERIOD));
  };
  return {
    dtype: 'float32',
    shape,
    get data() {
      data ??= draw();
      return data;
    },
  };
}

/** Of the book's NiN: its filter's gradient sums 256 * 26 * 26 = 173,056 products. */
const nin1x1 = on('nin-1x1-batch-256', [256, 24, 26, 26], [24, 24, 1, 1]);

/** Of GoogLeNet at 96x96: its first layer, a 5x5 path of its third block, and a 1x1 path of its last. */
const googlenet = [
  on('googlenet-7x7-stride-2', [4, 1, 96, 96], [64, 1, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3] }),
  on('googlenet-5x5', [8, 16, 12, 12], [32, 16, 5, 5], { pads: [2, 2, 2, 2] }),
  on('googlenet-1x1-of-832-channels', [8, 832, 3, 3], [384, 832, 1, 1]),
];

export const conv2dAtFullSize: readonly Case[] = googlenet.map(({ name, x, w, attrs }) =>
  exact(
    `conv2d/full-size-${name}`,
    { x: drawn('x', x), w: drawn('w', w) },
    (op, values) => op.conv2d(values.x, values.w, attrs),
    whole,
  ),
);

export const conv2dGradInputAtFullSize: readonly Case[] = googlenet.map(({ name, x, w, y, attrs }) =>
  exact(
    `conv2dGradInput/full-size-${name}`,
    { dy: drawn('dy', y), w: drawn('w', w) },
    (op, values) => op.conv2dGradInput(values.dy, values.w, { ...attrs, inputShape: x }),
    whole,
  ),
);

export const conv2dGradFilterAtFullSize: readonly Case[] = [nin1x1, ...googlenet].map(
  ({ name, x, w, y, attrs }) =>
    exact(
      `conv2dGradFilter/full-size-${name}`,
      { x: drawn('x', x), dy: drawn('dy', y) },
      (op, values) => op.conv2dGradFilter(values.x, values.dy, { ...attrs, filterShape: w }),
      whole,
    ),
);

/** Of primes and of 2^10 + 7 terms: no tile fits. */
export const matMulAtFullSize: readonly Case[] = [
  exact(
    'matMul/full-size-257-by-1031-by-193',
    { x: drawn('x', [257, 1031]), y: drawn('y', [1031, 193]) },
    (op, { x, y }) => op.matMul(x, y, { transposeA: false, transposeB: false }),
    whole,
  ),
];

/** Of primes, in each way that the matrices may lie. */
export const batchMatMulAtFullSize: readonly Case[] = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => {
    const way = [transposeA, transposeB].map((transposed) => (transposed ? 't' : 'n')).join('');
    const x = transposeA ? [3, 131, 127] : [3, 127, 131];
    const y = transposeB ? [3, 109, 131] : [3, 131, 109];
    return exact(
      `batchMatMul/full-size-127-by-131-by-109-${way}`,
      { x: drawn('x', x), y: drawn('y', y) },
      (op, values) => op.batchMatMul(values.x, values.y, { transposeA, transposeB }),
      whole,
    );
  }),
);

export const reduceSumAtFullSize: readonly Case[] = [
  // A bias's gradient in NiN.
  exact(
    'reduceSum/full-size-nin-bias',
    { x: drawn('x', nin1x1.y) },
    (op, { x }) => op.reduceSum(x, { axes: [0, 2, 3] }),
    whole,
  ),
  exact(
    'reduceSum/full-size-everything',
    { x: drawn('x', [3_999_971]) },
    (op, { x }) => op.reduceSum(x, { axes: [0] }),
    whole,
  ),
];
