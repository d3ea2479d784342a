// Wrong normalizations: statistics of other values than they should be of, or with digits lost.
import type { GraphBuilder, Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { Replace } from '../devices.ts';
import { instead, rounded } from '../devices.ts';

/** The mean of each channel, repeated to the shape of x. `[N, C, ...] -> [N, C, ...]` */
function channelMeans(b: GraphBuilder, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const sum = b.op.reduceSum(x, { axes });
  const mean = b.op.div(sum, b.fill(sizeOf(x.shape) / dimOf(x.shape, 1), sum.shape));
  return b.op.broadcast(mean, { shape: x.shape });
}

/** `[C] -> [N, C, ...]` */
function alongChannels(b: GraphBuilder, vector: Value, { shape }: Value): Value {
  const column = b.op.reshape(vector, { shape: shape.map((dim, axis) => (axis === 1 ? dim : 1)) });
  return b.op.broadcast(column, { shape });
}

/** scale * (x - mean) / sqrt(variance + epsilon) + bias, and mean and variance as `[C]`. */
function normalized(
  b: GraphBuilder,
  [x, scale, bias]: readonly [x: Value, scale: Value, bias: Value],
  variance: Value,
  epsilon: number,
): readonly Value[] {
  const { shape } = x;
  const channels = dimOf(shape, 1);
  const along = (vector: Value): Value => alongChannels(b, vector, x);
  const first = (whole: Value): Value => {
    const sizes = shape.map((_, axis) => (axis === 1 ? channels : 1));
    const row = b.op.slice(whole, { starts: shape.map(() => 0), sizes });
    return b.op.reshape(row, { shape: [channels] });
  };
  const mean = channelMeans(b, x);
  const spread = b.op.sqrt(b.op.add(variance, b.fill(epsilon, shape)));
  const scaled = b.op.mul(along(scale), b.op.div(b.op.sub(x, mean), spread));
  return [b.op.add(scaled, along(bias)), first(mean), first(variance)];
}

/** The mean of each row, repeated to the shape of x. `[R, M] -> [R, M]` */
function rowMeans(b: GraphBuilder, x: Value): Value {
  const sum = b.op.reduceSum(x, { axes: [1] });
  return b.op.broadcast(b.op.div(sum, b.fill(dimOf(x.shape, 1), sum.shape)), { shape: x.shape });
}

/** Runs of `size` values with mean 0 and variance 1, the variance as the mean of the squares less the square of the mean. */
function standardBySquares(b: GraphBuilder, x: Value, size: number, epsilon: number): Value {
  const single = (value: Value): Value => rounded(b, value, 24);
  const rows = b.op.reshape(x, { shape: [sizeOf(x.shape) / size, size] });
  const mean = single(rowMeans(b, rows));
  const squares = single(rowMeans(b, single(b.op.mul(rows, rows))));
  const variance = single(b.op.sub(squares, single(b.op.mul(mean, mean))));
  const spread = b.op.sqrt(b.op.add(variance, b.fill(epsilon, rows.shape)));
  return b.op.reshape(b.op.div(b.op.sub(rows, mean), spread), { shape: x.shape });
}

/**
 * What makes a variance count / (count - 1) times as large for a kernel that divides by count: an epsilon, and then a scale,
 * that are so much smaller.
 */
function unbiased(
  b: GraphBuilder,
  scale: Value,
  epsilon: number,
  count: number,
): [scale: Value, epsilon: number] {
  const part = (count - 1) / count;
  return [b.op.mul(scale, b.fill(Math.sqrt(part), scale.shape)), epsilon * part];
}

export const wrongNormalizations: Readonly<Record<string, Replace>> = {
  /** In float32, which loses the digits that both have in common. */
  'batchNorm: variance as the mean of the squares less the square of the mean': instead(
    'batchNorm',
    (b, inputs, { attrs }) => {
      const [x] = inputs;
      const single = (value: Value): Value => rounded(b, value, 24);
      const mean = single(channelMeans(b, x));
      const squares = single(channelMeans(b, single(b.op.mul(x, x))));
      const variance = single(b.op.sub(squares, single(b.op.mul(mean, mean))));
      return normalized(b, inputs, variance, attrs.epsilon);
    },
  ),
  'batchNorm: unbiased variance': instead('batchNorm', (b, inputs, { attrs }) => {
    const [x] = inputs;
    const centred = b.op.sub(x, channelMeans(b, x));
    const count = sizeOf(x.shape) / dimOf(x.shape, 1);
    const biased = channelMeans(b, b.op.mul(centred, centred));
    const variance = b.op.mul(biased, b.fill(count / (count - 1), x.shape));
    return normalized(b, inputs, variance, attrs.epsilon);
  }),
  /** As of batchNormInference: the gradients through the batch's statistics are left out. */
  'batchNormGrad: the mean and the variance taken for constants': instead(
    'batchNormGrad',
    (b, inputs, { attrs }) => {
      const [, scale, , variance, dy] = inputs;
      const spread = b.op.sqrt(b.op.add(variance, b.fill(attrs.epsilon, variance.shape)));
      const [, dScale, dBias] = b.op.batchNormGrad(...inputs, attrs);
      return [b.op.mul(dy, alongChannels(b, b.op.div(scale, spread), dy)), dScale, dBias];
    },
  ),
  'groupNorm: groups of every other channel': instead('groupNorm', (b, [x, scale, bias], { attrs }) => {
    const [n, channels] = [dimOf(x.shape, 0), dimOf(x.shape, 1)];
    const exchanged = (value: Value, rows: number): Value => {
      const parts = b.op.reshape(value, {
        shape: [n, rows, channels / rows, sizeOf(x.shape) / n / channels],
      });
      return b.op.reshape(b.op.transpose(parts, { permutation: [0, 2, 1, 3] }), { shape: x.shape });
    };
    const plain = [b.fill(1, scale.shape), b.fill(0, bias.shape)] as const;
    const { groups } = attrs;
    const normal = exchanged(b.op.groupNorm(exchanged(x, channels / groups), ...plain, attrs), groups);
    return [b.op.add(b.op.mul(alongChannels(b, scale, x), normal), alongChannels(b, bias, x))];
  }),
  'groupNorm: unbiased variance': instead('groupNorm', (b, [x, scale, bias], { attrs }) => {
    const count = sizeOf(x.shape.slice(1)) / attrs.groups;
    const [smaller, epsilon] = unbiased(b, scale, attrs.epsilon, count);
    return [b.op.groupNorm(x, smaller, bias, { ...attrs, epsilon })];
  }),
  'groupNorm: variance as the mean of the squares less the square of the mean': instead(
    'groupNorm',
    (b, [x, scale, bias], { attrs }) => {
      const size = sizeOf(x.shape.slice(1)) / attrs.groups;
      const h = standardBySquares(b, x, size, attrs.epsilon);
      return [b.op.add(b.op.mul(h, alongChannels(b, scale, x)), alongChannels(b, bias, x))];
    },
  ),
  'layerNorm: unbiased variance': instead('layerNorm', (b, [x, scale, bias], { attrs }) => {
    const [smaller, epsilon] = unbiased(b, scale, attrs.epsilon, sizeOf(scale.shape));
    return [b.op.layerNorm(x, smaller, bias, { epsilon })];
  }),
  'layerNorm: variance as the mean of the squares less the square of the mean': instead(
    'layerNorm',
    (b, [x, scale, bias], { attrs }) => {
      const size = sizeOf(scale.shape);
      const rows = (value: Value, of: number): Value => {
        const row = b.op.reshape(value, { shape: [sizeOf(value.shape) / size, size] });
        return b.op.broadcast(row, { shape: [of, size] });
      };
      const count = sizeOf(x.shape) / size;
      const h = rows(standardBySquares(b, x, size, attrs.epsilon), count);
      const y = b.op.add(b.op.mul(h, rows(scale, count)), rows(bias, count));
      return [b.op.reshape(y, { shape: x.shape })];
    },
  ),
  'lrn: alpha not divided by the size': instead('lrn', (b, [x], { attrs }) => [
    b.op.lrn(x, { ...attrs, alpha: attrs.alpha * attrs.size }),
  ]),
};
