// Pointwise ops, one entry each. A result keeps the layout of its operands, and repeated operands stay small.
import type { Kernels } from '@isonet/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Context, Placed, TfjsKernelTypes } from '../context.ts';
import { axesIn, sharedLayout } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';
import type { Tf } from '../tf.ts';

type Pointwise =
  | 'add'
  | 'biasAdd'
  | 'cast'
  | 'div'
  | 'equal'
  | 'erf'
  | 'exp'
  | 'greater'
  | 'isFinite'
  | 'leakyRelu'
  | 'log'
  | 'max'
  | 'min'
  | 'mul'
  | 'relu'
  | 'select'
  | 'sigmoid'
  | 'sqrt'
  | 'stopGradient'
  | 'sub'
  | 'tanh';

export const elementwise: Pick<Kernels<TfjsKernelTypes>, Pointwise> = {
  erf: unary((tf, x) => tf.erf(x)),
  exp: unary((tf, x) => tf.exp(x)),
  isFinite: unary((tf, x) => tf.isFinite(x)),
  log: unary((tf, x) => tf.log(x)),
  relu: unary((tf, x) => tf.relu(x)),
  sigmoid: unary((tf, x) => tf.sigmoid(x)),
  sqrt: unary((tf, x) => tf.sqrt(x)),
  stopGradient: unary((tf, x) => tf.clone(x)),
  tanh: unary((tf, x) => tf.tanh(x)),
  // alpha is rounded to float32, as constants are; otherwise cpu would compute with a float64.
  leakyRelu: ({ attrs: { alpha } }, { inputs: [x] }, { tf }) =>
    mapped(x, (values) => tf.leakyRelu(values, Math.fround(alpha))),
  cast: ({ attrs: { to } }, { inputs: [x] }, { tf }) =>
    mapped(x, (values) => {
      const y = tf.cast(values, to);
      // On cpu, tf.cast only relabels the integers, which may have more bits than a float32. A product is stored as a
      // float32, so this multiplies by 1.
      return values.dtype === 'int32' && to === 'float32' ? tf.mul(y, tf.scalar(1)) : y;
    }),

  add: binary((tf, x, y) => tf.add(x, y)),
  div: binary((tf, x, y) => tf.div(x, y)),
  equal: binary((tf, x, y) => tf.equal(x, y)),
  greater: binary((tf, x, y) => tf.greater(x, y)),
  // maximum and minimum return their first operand if either is NaN. Adding the second operand's NaN, or else 0, corrects that.
  max: binary((tf, x, y) => tf.add(tf.maximum(x, y), nanOf(tf, y))),
  min: binary((tf, x, y) => tf.add(tf.minimum(x, y), nanOf(tf, y))),
  mul: binary((tf, x, y) => tf.mul(x, y)),
  sub: binary((tf, x, y) => tf.sub(x, y)),
  biasAdd: (_, { inputs: [x, bias] }, { tf }) => {
    const biases = bias.full('rowMajor');
    const shape = axesIn(x.layout, x.shape.length).map((axis) => (axis === 1 ? biases.size : 1));
    return { tensor: tf.add(x.full(x.layout), tf.reshape(biases, shape)), layout: x.layout };
  },

  select: (_, { inputs: [condition, x, y] }, { tf }) => {
    const layout = sharedLayout([condition, x, y]);
    // The operands are full, because tf.where would repeat small ones with broadcastTo, which is slow on wasm; see DeviceTensor.
    return { tensor: tf.where(condition.full(layout), x.full(layout), y.full(layout)), layout };
  },
};

type Unary = (
  node: unknown,
  operands: { readonly inputs: readonly [DeviceTensor] },
  context: Context,
) => Placed;

function unary(f: (tf: Tf, x: Tensor) => Tensor): Unary {
  return (_, { inputs: [x] }, { tf }) => mapped(x, (values) => f(tf, values));
}

function mapped(x: DeviceTensor, f: (values: Tensor) => Tensor): Placed {
  return { tensor: f(x.as(x.layout)), layout: x.layout };
}

type Binary = (
  node: unknown,
  operands: { readonly inputs: readonly [DeviceTensor, DeviceTensor] },
  context: Context,
) => Placed;

/** @param f broadcasts an operand that is smaller than the other */
function binary(f: (tf: Tf, x: Tensor, y: Tensor) => Tensor): Binary {
  return (_, { inputs: [x, y] }, { tf }) => {
    const layout = sharedLayout([x, y]);
    return { tensor: f(tf, x.as(layout), y.as(layout)), layout };
  };
}

/** Returns NaN where y is NaN, and 0 elsewhere. */
function nanOf(tf: Tf, y: Tensor): Tensor {
  return tf.where(tf.isNaN(y), y, tf.zerosLike(y));
}
