// Runs a network file as a function on jax-js arrays, in inference mode.
import { defined } from '@isonet/core';
import type * as jaxjs from '@jax-js/jax';
import type { NetworkNode } from '../network.ts';
import type { Files } from './serve.ts';
import { Refusal } from './serve.ts';
import type { Window } from './window.ts';
import { LOWEST } from './window.ts';

export type Jax = typeof jaxjs;
export type Values = jaxjs.numpy.Array;

/** Computes the logits. The library counts references: each use of an array except the last needs an additional one. */
export function forwardOf(jax: Jax, { network }: Files, images: Values, state: readonly Values[]): Values {
  const values = new Map<number, Values>([[network.input, images]]);
  network.state.forEach(({ value }, i) => values.set(value, defined(state[i], 'a parameter')));
  const uses = new Map<number, number>([[network.output, 1]]);
  for (const { inputs } of network.nodes) {
    for (const value of inputs) uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  const take = (value: number): Values => {
    const array = defined(values.get(value), `value ${value}`);
    const left = defined(uses.get(value), `the uses of ${value}`) - 1;
    uses.set(value, left);
    return left > 0 ? array.ref : array;
  };
  for (const node of network.nodes) values.set(node.output, apply(jax, node, node.inputs.map(take)));
  return take(network.output);
}

type Convolution = Omit<Window, 'kernel'> & {
  readonly dilations: readonly [number, number];
  readonly groups: number;
};

function apply(jax: Jax, node: NetworkNode, [x, ...rest]: readonly Values[]): Values {
  const { numpy: np, lax, nn } = jax;
  const { op, attrs } = node;
  if (!x) throw refuse(node);
  const channels = (values: Values): Values => np.reshape(values, [1, -1, 1, 1]);
  const [first, second, mean, variance] = rest;
  switch (op) {
    case 'conv2d': {
      const { strides, pads, dilations, groups } = attrs as Convolution;
      if (!first) throw refuse(node);
      const [top, left, bottom, right] = pads;
      const y = lax.convGeneralDilated(
        x,
        first,
        [...strides],
        [
          [top, bottom],
          [left, right],
        ],
        {
          rhsDilation: [...dilations],
          featureGroupCount: groups,
        },
      );
      return second ? np.add(y, channels(second)) : y;
    }
    case 'batchNorm': {
      if (!first || !second || !mean || !variance) throw refuse(node);
      const factor = np.divide(first, np.sqrt(np.add(variance, attrs['epsilon'] as number)));
      const shift = np.subtract(second, np.multiply(mean, factor.ref));
      return np.add(np.multiply(x, channels(factor)), channels(shift));
    }
    case 'dense':
      if (!first || !second) throw refuse(node);
      return np.add(np.matmul(x, np.transpose(first)), second);
    case 'maxPool2d':
      return maxPool(jax, attrs as Window, x);
    case 'avgPool2d':
      return avgPool(jax, attrs as Window & { readonly countPadding: boolean }, x);
    case 'globalAvgPool2d':
      return np.mean(x, [2, 3], { keepdims: true });
    case 'concat':
      return np.concatenate([x, ...rest], attrs['axis'] as number);
    case 'reshape':
      return np.reshape(x, [...(attrs['shape'] as readonly number[])]);
    case 'relu':
      return nn.relu(x);
    case 'dropout':
      return x;
    case 'sigmoid':
      return nn.sigmoid(x);
    case 'silu':
      return nn.silu(x);
    case 'tanh':
      return np.tanh(x);
    default:
      throw refuse(node);
  }
}

/** Computes max pooling. The library pads only with zeros, which exceed negative values, so a border of the lowest value is added. */
function maxPool(jax: Jax, { kernel, strides, pads }: Window, x: Values): Values {
  const { numpy: np, lax } = jax;
  const max = (window: Values): Values => np.max(window);
  if (pads.every((pad) => pad === 0)) return lax.reduceWindow(x, max, [...kernel], [...strides]);
  const border = frame(jax, x, pads, { inside: 0, outside: LOWEST });
  return lax.reduceWindow(np.add(padded(jax, x, pads), border), max, [...kernel], [...strides]);
}

function avgPool(
  jax: Jax,
  { kernel, strides, pads, countPadding }: Window & { readonly countPadding: boolean },
  x: Values,
): Values {
  const { numpy: np, lax } = jax;
  const sum = (values: Values): Values =>
    lax.reduceWindow(values, (window) => np.sum(window), [...kernel], [...strides]);
  const counted = frame(jax, x, pads, { inside: 1, outside: countPadding ? 1 : 0 });
  return np.divide(sum(padded(jax, x, pads)), sum(counted));
}

function padded({ numpy: np }: Jax, x: Values, [top, left, bottom, right]: Window['pads']): Values {
  return np.pad(x, [
    [0, 0],
    [0, 0],
    [top, bottom],
    [left, right],
  ]);
}

/** Returns a constant `[1, 1, H, W]` of the padded size. */
function frame(
  { numpy: np }: Jax,
  { shape }: Values,
  [top, left, bottom, right]: Window['pads'],
  { inside, outside }: { readonly inside: number; readonly outside: number },
): Values {
  const [, , h, w] = shape;
  if (h === undefined || w === undefined) {
    throw new Refusal(`jax-js: expected images [N, C, H, W], got [${shape.join(', ')}]`);
  }
  const [height, width] = [top + h + bottom, left + w + right];
  const values = Float32Array.from({ length: height * width }, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return row >= top && row < top + h && column >= left && column < left + w ? inside : outside;
  });
  return np.array(values, { shape: [1, 1, height, width] });
}

function refuse({ op, layer }: NetworkNode): Refusal {
  return new Refusal(`jax-js: no function for ${op} "${layer}"`);
}
