// Ops that rearrange elements or create new ones. A result keeps the layout of its input if possible.
import type { Kernels } from '@isonet/core';
import { dimOf, drawUniform } from '@isonet/core';
import type { TfjsKernelTypes } from '../context.ts';
import { axesIn, sharedLayout } from '../deviceTensor.ts';

type Arrays =
  'broadcast' | 'concat' | 'gather' | 'oneHot' | 'pad' | 'randomUniform' | 'reshape' | 'slice' | 'transpose';

export const arrays: Pick<Kernels<TfjsKernelTypes>, Arrays> = {
  // Nothing is copied: the tensor stays small until an op needs the full value.
  broadcast: (_, { inputs: [x] }) => ({ tensor: x.as(x.layout).clone(), layout: x.layout }),

  concat: ({ attrs: { axis } }, { inputs, outputs: [y] }, { tf }) => {
    const layout = sharedLayout(inputs);
    const place = axesIn(layout, y.shape.length).indexOf(axis);
    const parts = inputs.map((x) => x.full(layout));
    return { tensor: tf.concat(parts, place), layout };
  },

  // tf.gather fails on an index out of range, or reads beyond the tensor. Such an index is replaced by 0, and its
  // entry in the result by zeros. Usually all indices are in range, which is quick to check on the host.
  gather: ({ attrs: { axis } }, { inputs: [x, indices] }, { tf }) => {
    const [tensor, positions] = [x.full('rowMajor'), indices.full('rowMajor')];
    const size = dimOf(x.shape, axis);
    const layout = 'rowMajor';
    if (positions.dataSync().every((index) => index >= 0 && index < size)) {
      return { tensor: tf.gather(tensor, positions, axis), layout };
    }
    const inside = tf.logicalAnd(tf.greaterEqual(positions, 0), tf.less(positions, size));
    const picked = tf.gather(tensor, tf.where(inside, positions, tf.zerosLike(positions)), axis);
    const along = tf.reshape(inside, [-1, ...x.shape.slice(axis + 1).map(() => 1)]);
    return { tensor: tf.where(along, picked, tf.zerosLike(picked)), layout };
  },

  // tf.oneHot rejects a depth of 1, and on wasm writes the bits of integers into float32.
  oneHot: ({ attrs: { depth } }, { inputs: [labels] }, { tf }) => {
    const column = tf.reshape(labels.full('rowMajor'), [-1, 1]);
    const hits = tf.equal(column, tf.range(0, depth, 1, 'int32'));
    return { tensor: tf.cast(hits, 'float32'), layout: 'rowMajor' };
  },

  pad: ({ attrs: { before, after, value } }, { inputs: [x] }, { tf }) => {
    const [tensor, layout] = [x.full(x.layout), x.layout];
    if (tensor.rank === 0) return { tensor: tensor.clone(), layout }; // tf.pad rejects scalars.
    const sides = axesIn(layout, x.shape.length).map((axis): [number, number] => [
      dimOf(before, axis),
      dimOf(after, axis),
    ]);
    return { tensor: tf.pad(tensor, sides, value), layout };
  },

  // Drawn on the host, so that the bits are the same as core's. A uint32 is stored as int32, bit for bit.
  randomUniform: ({ attrs }, { inputs: [random] }, { tf }) => {
    const numbers = drawUniform(Uint32Array.from(random.full('rowMajor').dataSync()), attrs);
    return { tensor: tf.tensor(numbers, [...attrs.shape], 'float32'), layout: 'rowMajor' };
  },

  reshape: ({ attrs: { shape } }, { inputs: [x] }, { tf }) => ({
    tensor: tf.reshape(x.full('rowMajor'), [...shape]),
    layout: 'rowMajor',
  }),

  slice: ({ attrs: { starts, sizes } }, { inputs: [x] }, { tf }) => {
    const [tensor, layout] = [x.full(x.layout), x.layout];
    if (tensor.rank === 0) return { tensor: tensor.clone(), layout }; // tf.slice rejects scalars.
    const axes = axesIn(layout, x.shape.length);
    const begin = axes.map((axis) => dimOf(starts, axis));
    const size = axes.map((axis) => dimOf(sizes, axis));
    return { tensor: tf.slice(tensor, begin, size), layout };
  },

  transpose: ({ attrs: { permutation } }, { inputs: [x] }, { tf }) => {
    const tensor = x.as(x.layout);
    if (tensor.rank === 0) return { tensor: tensor.clone(), layout: 'rowMajor' }; // A scalar, possibly repeated.
    // One transpose from the current layout of x to the result. Repeated values stay small.
    const axes = axesIn(x.layout, x.shape.length);
    const order = permutation.map((axis) => axes.indexOf(axis));
    return { tensor: tf.transpose(tensor, order), layout: 'rowMajor' };
  },
};
