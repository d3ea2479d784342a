// The batch analysis: the batch axis of each value, and where images are mixed. packages/backend-reference tests that the
// values agree.
import { batchOf, GraphBuilder, int32 } from '@isonet/core';
import type { Coupling, Shape, Value } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const along = (axis: number): Coupling => ({ axis });
const N = 3;
const images: Shape = [N, 4, 6, 6];
const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
const slide = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;

/** Returns the coupling of the value that `build` computes from three images and image-independent values. */
function coupling(build: (b: GraphBuilder, x: Value, fixed: (shape: Shape) => Value) => Value): Coupling {
  const b = new GraphBuilder('g');
  const x = b.input('images', { dtype: 'float32', shape: images });
  let count = 0;
  const fixed = (shape: Shape): Value => b.state(`w${count++}`, { dtype: 'float32', shape });
  const { id } = build(b, x, fixed);
  return batchOf(b.build(), { images: 0 })(id);
}

type Build = (b: GraphBuilder, x: Value, fixed: (shape: Shape) => Value) => Value;
const rows = (b: GraphBuilder, x: Value): Value => b.op.reshape(x, { shape: [N, 144] });
const columns = (b: GraphBuilder, x: Value): Value => b.op.transpose(rows(b, x), { permutation: [1, 0] });
const plain = { transposeA: false, transposeB: false };

describe('the batch axis', () => {
  it.each<[string, Coupling, Build]>([
    ['an input that carries them', along(0), (_, x) => x],
    ['state', 'none', (_, __, fixed) => fixed([N, 2])],
    ['zeros for each image', 'none', (b, x) => b.fill(0, x.shape)],
    ['a function', along(0), (b, x) => b.op.exp(x)],
    ['a sum with a fixed value', along(0), (b, x, fixed) => b.op.add(fixed(images), x)],
    ['select', along(0), (b, x) => b.op.select(b.op.greater(x, b.fill(0, images)), b.fill(1, images), x)],
    ['cast', along(0), (b, x) => b.op.cast(b.op.isFinite(x), { to: 'float32' })],
    [
      'images times their transpose',
      'summed',
      (b, x) => {
        const square = b.op.slice(rows(b, x), { starts: [0, 0], sizes: [N, N] });
        return b.op.mul(square, b.op.transpose(square, { permutation: [1, 0] }));
      },
    ],

    ['a sum over pixels', along(0), (b, x) => b.op.reduceSum(x, { axes: [2, 3] })],
    ['a sum over images', 'summed', (b, x) => b.op.reduceSum(x, { axes: [0, 2] })],
    ['a maximum over channels', along(0), (b, x) => b.op.reduceMax(x, { axes: [1] })],
    ['a maximum over images', 'summed', (b, x) => b.op.reduceMax(x, { axes: [0] })],
    ['argMax of each image', along(0), (b, x) => b.op.argMax(rows(b, x), { axis: 1 })],
    ['argMax over images', 'summed', (b, x) => b.op.argMax(rows(b, x), { axis: 0 })],
    [
      'a sum repeated',
      along(0),
      (b, x) => b.op.broadcast(b.op.reduceSum(x, { axes: [2, 3] }), { shape: images }),
    ],
    [
      'a sum over images repeated',
      'summed',
      (b, x) => b.op.broadcast(b.op.reduceSum(x, { axes: [0] }), { shape: images }),
    ],

    [
      'groups of channels normalized',
      along(0),
      (b, x, fixed) => b.op.groupNorm(x, fixed([4]), fixed([4]), { groups: 2, epsilon: 1e-5 }),
    ],
    [
      'images normalized',
      along(0),
      (b, x, fixed) => b.op.layerNorm(x, fixed([4, 6, 6]), fixed([4, 6, 6]), { epsilon: 1e-5 }),
    ],
    ['pixels repeated', along(0), (b, x) => b.op.upsampleNearest2d(x, { scales: [2, 3] })],
    [
      'rows of pixels picked',
      along(0),
      (b, x) => b.op.gather(x, b.constant(int32([2], [5, 0])), { axis: 2 }),
    ],
    ['images picked', 'summed', (b, x) => b.op.gather(x, b.constant(int32([2], [2, 0])), { axis: 0 })],
    [
      'products for each image',
      along(0),
      (b, x) => {
        const maps = b.op.reshape(x, { shape: [N * 4, 6, 6] });
        return b.op.batchMatMul(maps, maps, { transposeA: true, transposeB: false });
      },
    ],
    [
      'products with fixed matrices',
      along(0),
      (b, x, fixed) => b.op.batchMatMul(fixed([N, 5, 4]), b.op.reshape(x, { shape: [N, 4, 36] }), plain),
    ],
    [
      'products of images with each other',
      'summed',
      (b, x) => {
        const swapped = b.op.transpose(b.op.reshape(x, { shape: [N, 4, 36] }), { permutation: [1, 0, 2] });
        return b.op.batchMatMul(swapped, swapped, { transposeA: false, transposeB: true });
      },
    ],
    ['gelu', along(0), (b, x) => b.op.gelu(x, { approximate: true })],
    ['silu', along(0), (b, x) => b.op.silu(x)],

    ['flattened', along(0), rows],
    ['channels as rows: blocks of four', along(0), (b, x) => b.op.reshape(x, { shape: [N * 4, 36] })],
    ['all in one row: blocks of 144', along(0), (b, x) => b.op.reshape(x, { shape: [N * 144] })],
    ['behind an axis of size 1', along(1), (b, x) => b.op.reshape(x, { shape: [1, N * 4, 6, 6] })],
    [
      'blocks and back',
      along(0),
      (b, x) => b.op.reshape(b.op.reshape(x, { shape: [N * 4, 36] }), { shape: [N, 144] }),
    ],
    ['blocks split unevenly', 'summed', (b, x) => b.op.reshape(x, { shape: [4, N * 36] })],
    ['blocks split by a factor of the batch', 'summed', (b, x) => b.op.reshape(x, { shape: [2, N, 72] })],
    ['transposed', along(3), (b, x) => b.op.transpose(x, { permutation: [1, 2, 3, 0] })],
    [
      'transposed, then trailing axes flattened',
      along(1),
      (b, x) => b.op.reshape(b.op.transpose(x, { permutation: [1, 0, 2, 3] }), { shape: [4, N * 36] }),
    ],
    [
      'transposed, then leading axes flattened',
      'summed',
      (b, x) => b.op.reshape(b.op.transpose(x, { permutation: [1, 0, 2, 3] }), { shape: [4 * N, 36] }),
    ],

    [
      'padded pixels',
      along(0),
      (b, x) => b.op.pad(x, { before: [0, 0, 1, 0], after: [0, 0, 0, 1], value: 0 }),
    ],
    [
      'a padded batch',
      'summed',
      (b, x) => b.op.pad(x, { before: [0, 0, 0, 0], after: [3, 0, 0, 0], value: 0 }),
    ],
    [
      'a slice of each image',
      along(0),
      (b, x) => b.op.slice(x, { starts: [0, 1, 0, 0], sizes: [N, 2, 6, 6] }),
    ],
    [
      'a slice of the batch',
      'summed',
      (b, x) => b.op.slice(x, { starts: [1, 0, 0, 0], sizes: [1, 4, 6, 6] }),
    ],
    [
      'images joined by channels',
      along(0),
      (b, x, fixed) => b.op.concat(x, fixed([N, 1, 6, 6]), { axis: 1 }),
    ],
    ['batches joined', 'summed', (b, x) => b.op.concat(x, x, { axis: 0 })],
    [
      'fixed images appended to the batch',
      'summed',
      (b, x, fixed) => b.op.concat(x, fixed(images), { axis: 0 }),
    ],

    ['rows times a matrix', along(0), (b, x, fixed) => b.op.matMul(rows(b, x), fixed([144, 5]), plain)],
    [
      'transposed rows times a matrix',
      along(0),
      (b, x, fixed) => b.op.matMul(columns(b, x), fixed([144, 5]), { transposeA: true, transposeB: false }),
    ],
    ['a matrix times columns', along(1), (b, x, fixed) => b.op.matMul(fixed([5, 144]), columns(b, x), plain)],
    [
      'a matrix times transposed rows',
      along(1),
      (b, x, fixed) => b.op.matMul(fixed([5, 144]), rows(b, x), { transposeA: false, transposeB: true }),
    ],
    ['a product over the batch', 'summed', (b, x, fixed) => b.op.matMul(fixed([5, N]), rows(b, x), plain)],
    ['columns times a matrix', 'summed', (b, x, fixed) => b.op.matMul(columns(b, x), fixed([N, 5]), plain)],
    ['all images times all images', 'summed', (b, x) => b.op.matMul(rows(b, x), columns(b, x), plain)],
    ['fixed matrices', 'none', (b, _, fixed) => b.op.matMul(fixed([2, N]), fixed([N, 2]), plain)],

    ['a convolution', along(0), (b, x, fixed) => b.op.conv2d(x, fixed([5, 4, 3, 3]), slide)],
    [
      'a convolution over images as channels',
      'summed',
      (b, x, fixed) =>
        b.op.conv2d(b.op.transpose(x, { permutation: [1, 0, 2, 3] }), fixed([5, N, 3, 3]), slide),
    ],
    [
      'a convolution of images as groups',
      along(1),
      (b, x, fixed) => {
        const channels = b.op.reshape(x, { shape: [1, N * 4, 6, 6] });
        return b.op.conv2d(channels, fixed([N * 4, 2, 3, 3]), { ...slide, groups: N * 2 });
      },
    ],
    [
      'a convolution of images as groups, with filters per image',
      along(1),
      (b, x) => {
        const channels = b.op.reshape(x, { shape: [1, N * 4, 6, 6] });
        const filters = b.op.slice(b.op.reshape(x, { shape: [N * 4, 1, 6, 6] }), {
          starts: [0, 0, 0, 0],
          sizes: [N * 4, 1, 3, 3],
        });
        return b.op.conv2d(channels, filters, { ...slide, groups: N * 4 });
      },
    ],
    [
      'a convolution in groups of several images',
      'summed',
      (b, x, fixed) => {
        const channels = b.op.reshape(x, { shape: [1, N * 4, 6, 6] });
        return b.op.conv2d(channels, fixed([4, N * 2, 3, 3]), { ...slide, groups: 2 });
      },
    ],
    ['images as filters', 'summed', (b, x, fixed) => b.op.conv2d(fixed([1, 4, 6, 6]), x, slide)],
    [
      'the gradient of its input',
      along(0),
      (b, x, fixed) => b.op.conv2dGradInput(x, fixed([4, 2, 3, 3]), { ...slide, inputShape: [N, 2, 8, 8] }),
    ],
    [
      'the gradient of its filter',
      'summed',
      (b, x, fixed) => b.op.conv2dGradFilter(fixed([N, 2, 8, 8]), x, { ...slide, filterShape: [4, 2, 3, 3] }),
    ],
    [
      'the gradient of a fixed filter',
      'none',
      (b, _, fixed) =>
        b.op.conv2dGradFilter(fixed([N, 2, 8, 8]), fixed(images), { ...slide, filterShape: [4, 2, 3, 3] }),
    ],
    ['maxPool2d', along(0), (b, x) => b.op.maxPool2d(x, window)],
    [
      'maxPool2d of blocks',
      along(1),
      (b, x) => b.op.maxPool2d(b.op.reshape(x, { shape: [1, N * 4, 6, 6] }), window),
    ],
    [
      'avgPool2d over images as pixels',
      'summed',
      (b, x) =>
        b.op.avgPool2d(b.op.transpose(x, { permutation: [1, 2, 0, 3] }), { ...window, countPadding: false }),
    ],
    [
      'avgPool2dGrad',
      along(0),
      (b, x) => b.op.avgPool2dGrad(x, { ...window, countPadding: true, inputShape: [N, 4, 12, 12] }),
    ],
    [
      'maxPool2dGrad',
      along(0),
      (b, x) => {
        const y = b.op.maxPool2d(x, window);
        return b.op.maxPool2dGrad(x, y, b.fill(1, y.shape), window);
      },
    ],
    [
      'maxPool2dGather',
      along(0),
      (b, x) => b.op.maxPool2dGather(x, b.op.maxPool2d(x, window), b.fill(1, images), window),
    ],

    ['softmax of each image', along(0), (b, x) => b.op.softmax(rows(b, x), { axis: 1 })],
    ['softmax over images', 'summed', (b, x) => b.op.softmax(rows(b, x), { axis: 0 })],
    ['lrn', along(0), (b, x) => b.op.lrn(x, { size: 3, alpha: 1, beta: 0.75, bias: 1 })],
    ['globalNorm', 'summed', (b, x) => b.op.globalNorm(x)],
    ['batchNorm', 'summed', (b, x, fixed) => b.op.batchNorm(x, fixed([4]), fixed([4]), { epsilon: 1e-5 })[0]],
    [
      'batchNormInference',
      along(0),
      (b, x, fixed) =>
        b.op.batchNormInference(x, fixed([4]), fixed([4]), fixed([4]), fixed([4]), { epsilon: 1e-5 }),
    ],
    [
      'a value computed from mixed images',
      'summed',
      (b, x) => b.op.mul(x, b.op.broadcast(b.op.reduceSum(x, { axes: [0] }), { shape: images })),
    ],
  ])('%s', (_, expected, build) => {
    expect(coupling(build)).toEqual(expected);
  });

  it('covers labels and random numbers per image', () => {
    const b = new GraphBuilder('g');
    const labels = b.input('labels', { dtype: 'int32', shape: [N] });
    const random = b.input('random', { dtype: 'uint32', shape: [3] });
    const values: [Value, Coupling][] = [
      [b.op.oneHot(labels, { depth: 5 }), along(0)],
      [b.op.oneHot(b.constant(int32([2], [0, 1])), { depth: 5 }), 'none'],
      [b.op.gather(b.state('words', { dtype: 'float32', shape: [9, 4] }), labels, { axis: 0 }), along(0)],
      [b.op.gather(b.state('columns', { dtype: 'float32', shape: [4, 9] }), labels, { axis: 1 }), along(1)],
      [b.op.randomUniform(random, { shape: [N, 7], stream: 1 }), along(0)],
      [b.op.randomUniform(random, { shape: [7], stream: 1 }), 'summed'],
    ];
    const at = batchOf(b.build(), { labels: 0 });
    for (const [value, expected] of values) expect(at(value.id)).toEqual(expected);
  });

  it('need not be the first axis', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', { dtype: 'float32', shape: [5, N] });
    const y = b.op.reduceSum(x, { axes: [0] });
    const z = b.op.reduceSum(x, { axes: [1] });
    const at = batchOf(b.build(), { x: 1 });
    expect([x, y, z].map(({ id }) => at(id))).toEqual([along(1), along(1), 'summed']);
  });
});

describe('inputs that carry the batch', () => {
  const b = new GraphBuilder('g');
  b.input('x', { dtype: 'float32', shape: [4, 2] });
  b.input('y', { dtype: 'float32', shape: [3] });
  const graph = b.build();
  it.each<[string, Readonly<Record<string, number>>, string]>([
    ['none', {}, 'graph "g": expected an input that carries the batch, got none'],
    ['an unknown one', { z: 0 }, 'graph "g": no input "z" to carry a batch'],
    ['two sizes', { x: 0, y: 0 }, 'graph "g": "x" has 4 images, "y" has 3'],
    ['no such axis', { x: 2 }, '[4, 2] has no axis 2'],
  ])('%s', (_, axes, message) => {
    expect(() => batchOf(graph, axes)).toThrow(message);
  });
});
