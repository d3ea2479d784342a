// Formulas of normalizations.
import type { CompositeOp } from '@isonet/core';
import { defined, dimOf, sizeOf } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';
import type { Formula, Formulas, Operand } from './formula.ts';
import { average, indexAlong, lineThrough, pointwise, standardScore, sum } from './formula.ts';

const batchNormInference: Formula<'batchNormInference'> = pointwise(
  (x, scale, bias, mean, variance, { epsilon }) =>
    (scale * (x - mean)) / Math.sqrt(variance + epsilon) + bias,
);

/** Returns the values of each channel, in order. */
function channelsOf({ shape, data }: Operand): readonly (readonly number[])[] {
  const channels = Array.from({ length: dimOf(shape, 1) }, (_, c) => c);
  return channels.map((c) => data.filter((_, i) => indexAlong(shape, 1, i) === c));
}

export const normalizations = {
  // Ioffe and Szegedy 2015, algorithm 1.
  batchNorm: ([x, scale, bias], attrs) => {
    const { shape } = scale;
    const channels = channelsOf(x);
    const mean = channels.map(average);
    const variance = channels.map((values, c) =>
      average(values.map((each) => (each - elementAt(mean, c)) ** 2)),
    );
    const statistics = [
      { shape, data: mean },
      { shape, data: variance },
    ] as const;
    const [y] = batchNormInference([x, scale, bias, ...statistics], attrs);
    return [y, mean, variance];
  },
  // Ioffe and Szegedy 2015, section 3, with the gradients of the mean and the variance substituted.
  batchNormGrad: ([x, scale, mean, variance, dy], { epsilon }) => {
    const gradients = channelsOf(dy);
    const spreads = variance.data.map((each) => Math.sqrt(each + epsilon));
    const scores = channelsOf(x).map((values, c) =>
      values.map((value) => (value - elementAt(mean.data, c)) / elementAt(spreads, c)),
    );
    const products = gradients.map((dys, c) => {
      const own = defined(scores[c], `the scores of channel ${c}`);
      return dys.map((each, i) => each * elementAt(own, i));
    });
    const [means, meanProducts] = [gradients.map(average), products.map(average)];
    const dx = x.data.map((value, i) => {
      const c = indexAlong(x.shape, 1, i);
      const score = (value - elementAt(mean.data, c)) / elementAt(spreads, c);
      const centred = elementAt(dy.data, i) - elementAt(means, c) - score * elementAt(meanProducts, c);
      return (elementAt(scale.data, c) / elementAt(spreads, c)) * centred;
    });
    return [dx, products.map(sum), gradients.map(sum)];
  },
  batchNormInference,
  biasAdd: pointwise((x, bias) => x + bias),
  // Wu and He 2018, equations 1 to 7.
  groupNorm: ([x, scale, bias], { groups, epsilon }) => {
    const size = sizeOf(x.shape.slice(1)) / groups;
    return [
      x.data.map((value, i) => {
        const from = Math.floor(i / size) * size;
        const score = standardScore(value, x.data.slice(from, from + size), epsilon);
        const channel = indexAlong(x.shape, 1, i);
        return elementAt(scale.data, channel) * score + elementAt(bias.data, channel);
      }),
    ];
  },
  // Ba et al. 2016, equations 3 and 4.
  layerNorm: ([x, scale, bias], { epsilon }) => {
    const size = sizeOf(scale.shape);
    return [
      x.data.map((value, i) => {
        const from = Math.floor(i / size) * size;
        const score = standardScore(value, x.data.slice(from, from + size), epsilon);
        return elementAt(scale.data, i - from) * score + elementAt(bias.data, i - from);
      }),
    ];
  },
  // Krizhevsky et al. 2012, section 3.3, with ONNX's window.
  lrn: ([x], { size, alpha, beta, bias }) => {
    const [down, up] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
    return [
      x.data.map((value, i) => {
        const channel = indexAlong(x.shape, 1, i);
        const window = lineThrough(x, 1, i).slice(Math.max(0, channel - down), channel + up + 1);
        return value / (bias + (alpha / size) * sum(window.map((other) => other ** 2))) ** beta;
      }),
    ];
  },
} satisfies Partial<Formulas<CompositeOp>>;
