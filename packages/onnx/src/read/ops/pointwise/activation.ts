// Activations. None overflows, forward or backward, for any x: the unselected side of a select is computed from clamped values.
import type { Value } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { broadcastTo } from '../broadcasting.ts';
import { absolute } from '../arithmetic.ts';
import { like } from './like.ts';

/** Creates the reader of an activation on floats. A known input becomes a constant of the graph. */
function activation(emit: (node: NodeReader, x: Value) => Value): ReadOp {
  return (node) => emit(node, node.float(0));
}

export const activations: ReadOps = {
  Celu: activation((node, x) => {
    const alpha = node.attributes.float('alpha', 1);
    return linearOrExponential(node, x, alpha, 1 / alpha);
  }),
  Elu: activation((node, x) => linearOrExponential(node, x, node.attributes.float('alpha', 1), 1)),
  Erf: activation(({ op }, x) => op.erf(x)),
  Gelu: activation((node, x) => {
    const form = node.attributes.string('approximate', 'none');
    if (form !== 'none' && form !== 'tanh') throw node.fail(`expected approximate none or tanh, got ${form}`);
    return node.op.gelu(x, { approximate: form === 'tanh' });
  }),
  HardSigmoid: activation(({ op, attributes }, x) =>
    op.hardSigmoid(x, { alpha: attributes.float('alpha', 0.2), beta: attributes.float('beta', 0.5) }),
  ),
  HardSwish: activation(({ op }, x) => op.mul(x, op.hardSigmoid(x, { alpha: 1 / 6, beta: 0.5 }))),
  LeakyRelu: activation(({ op, attributes }, x) =>
    op.leakyRelu(x, { alpha: attributes.float('alpha', 0.01) }),
  ),
  Mish: activation((node, x) => node.op.mul(x, node.op.tanh(softplus(node, x)))),
  PRelu: prelu,
  Selu: activation((node, x) => {
    const alpha = node.attributes.float('alpha', 1.67326319217681884765625);
    const gamma = node.attributes.float('gamma', 1.05070102214813232421875);
    return node.op.mul(linearOrExponential(node, x, alpha, 1), like(node, gamma, x));
  }),
  Shrink: activation(shrink),
  Softplus: activation(softplus),
  Softsign: activation((node, x) => node.op.div(x, node.op.add(absolute(node, x), like(node, 1, x)))),
  Swish: activation((node, x) => {
    const alpha = node.attributes.float('alpha', 1);
    const { op } = node;
    return alpha === 1 ? op.silu(x) : op.mul(x, op.sigmoid(op.mul(x, like(node, alpha, x))));
  }),
  ThresholdedRelu: activation((node, x) => {
    const isAbove = node.op.greater(x, like(node, node.attributes.float('alpha', 1), x));
    return node.op.select(isAbove, x, like(node, 0, x));
  }),
};

/** x if it is positive, else alpha * (e^(x * steepness) - 1). */
function linearOrExponential(node: NodeReader, x: Value, alpha: number, steepness: number): Value {
  const { op } = node;
  const zeros = like(node, 0, x);
  const below = op.min(x, zeros);
  const power = op.exp(steepness === 1 ? below : op.mul(below, like(node, steepness, x)));
  const curve = op.mul(op.sub(power, like(node, 1, x)), like(node, alpha, x));
  return op.select(op.greater(x, zeros), x, curve);
}

/**
 * log(1 + e^x), as max(x, 0) + log(1 + e^-|x|), whose exponential is at most 1. The error is at most the rounding error
 * of a value near 1.
 */
function softplus(node: NodeReader, x: Value): Value {
  const { op } = node;
  const power = op.exp(op.mul(absolute(node, x), like(node, -1, x)));
  return op.add(op.max(x, like(node, 0, x)), op.log(op.add(power, like(node, 1, x))));
}

function shrink(node: NodeReader, x: Value): Value {
  const { op, attributes } = node;
  const lambd = attributes.float('lambd', 0.5);
  const bias = like(node, attributes.float('bias', 0), x);
  const low = op.select(op.greater(like(node, -lambd, x), x), op.add(x, bias), like(node, 0, x));
  return op.select(op.greater(x, like(node, lambd, x)), op.sub(x, bias), low);
}

/** Reads one slope per channel, or slopes that broadcast to x. They are learned if they come from an initializer. */
function prelu(node: NodeReader): Value {
  const { op } = node;
  const [x, slope] = [node.float(0), node.weight(1, 'slope')];
  const [, channels] = x.shape;
  const isPerChannel =
    channels === sizeOf(slope.shape) && slope.shape[slope.shape.length - x.shape.length + 1] === channels;
  if (isPerChannel && x.shape.length > 1) {
    return op.prelu(x, slope.shape.length === 1 ? slope : op.reshape(slope, { shape: [channels] }));
  }
  const isPositive = op.greater(x, like(node, 0, x));
  return op.select(isPositive, x, op.mul(x, broadcastTo(node, slope, x.shape)));
}
