// Every primitive as a loop over flat row-major arrays, as short as correctness allows. Composites have no kernel: core
// decomposes them.
import type {
  AvgPool2dAttrs,
  HostData,
  HostKernelTypes,
  Kernels,
  MaxPool2dAttrs,
  Shape,
  Tensor,
  TensorType,
} from '@isonet/core';
import { drawUniform, zeros as allocate } from '@isonet/core';
import { forEachTap, places, repeated, startOf, steps, windows } from './geometry.ts';

const zeros = (type: TensorType): HostData => allocate(type, 'float32');

/** The arguments of every kernel besides its node. */
interface Elements {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly [TensorType];
}

/** Applies `f` at each position to the values of all inputs there. */
const elementwise =
  (f: (...values: number[]) => number) =>
  (_: unknown, { inputs, outputs: [y] }: Elements): HostData =>
    zeros(y).map((_zero, i) => f(...inputs.map(({ data }) => data[i]!)));

/** Returns, at each position, the value of x at the position in `from`. */
function gathered(result: TensorType, { data }: Tensor, from: Int32Array): HostData {
  return zeros(result).map((_, i) => data[from[i]!]!);
}

/** Moves each value of x to its position in `to`, where `f` combines it with the old value. */
function scattered(
  y: HostData,
  { data }: Tensor,
  to: Int32Array,
  f: (old: number, x: number) => number,
): HostData {
  to.forEach((place, i) => (y[place] = f(y[place]!, data[i]!)));
  return y;
}

const sum = (x: number, y: number): number => x + y;
const last = (_: number, x: number): number => x;

/** For each window, the position of the first maximum of x; NaN counts as the maximum. */
function maxima({ shape, data }: Tensor, y: Shape, attrs: MaxPool2dAttrs): Int32Array {
  const first = (best: number, at: number): number =>
    data[best]! >= data[at]! || Number.isNaN(data[best]) ? best : at;
  return Int32Array.from(windows(shape, y, attrs), (pixels) => pixels.reduce(first));
}

/** Returns the divisor of the mean over a window. */
function divisor({ kernel, countPadding }: AvgPool2dAttrs, pixels: readonly number[]): number {
  return countPadding ? kernel[0] * kernel[1] : pixels.length;
}

/** 2 / sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...) (Abramowitz and Stegun, 7.1.6); beyond 4, the result is 1 in float32. */
function errorFunction(x: number): number {
  if (!(Math.abs(x) < 4)) return Math.sign(x); // NaN, too.
  let [total, term] = [0, x];
  for (let n = 1; total + term !== total; n++) {
    total += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

export const kernels: Kernels<HostKernelTypes> = {
  add: elementwise(sum),
  cast: elementwise((x) => x), // The typed array truncates.
  div: elementwise((x, y) => x / y),
  equal: elementwise((x, y) => Number(x === y)),
  erf: elementwise(errorFunction),
  exp: elementwise(Math.exp),
  greater: elementwise((x, y) => Number(x > y)),
  isFinite: elementwise((x) => Number(Number.isFinite(x))),
  log: elementwise(Math.log),
  max: elementwise((x, y) => Math.max(x, y)),
  min: elementwise((x, y) => Math.min(x, y)),
  mul: elementwise((x, y) => x * y),
  select: elementwise((condition, x, y) => (condition ? x : y)),
  sqrt: elementwise(Math.sqrt),
  stopGradient: (_, { inputs: [x] }) => x.data,
  sub: elementwise((x, y) => x - y),
  tanh: elementwise(Math.tanh),

  argMax: (node, { inputs: [x], outputs: [result] }) => {
    const { axis } = node.attrs;
    const [y, step] = [zeros(result), steps(x.shape)[axis]!];
    const best = new Float32Array(y.length).fill(-Infinity);
    repeated(result.shape, x.shape).forEach((to, i) => {
      if (!(x.data[i]! > best[to]!)) return;
      best[to] = x.data[i]!;
      y[to] = Math.floor(i / step) % x.shape[axis]!;
    });
    return y;
  },
  broadcast: (_, { inputs: [x], outputs: [result] }) => gathered(result, x, repeated(x.shape, result.shape)),
  concat: (node, { inputs, outputs: [result] }) => {
    const [y, along] = [zeros(result), steps(result.shape)];
    let start = 0;
    for (const x of inputs) {
      scattered(y, x, places(x.shape, along, start), last);
      start += x.shape[node.attrs.axis]! * along[node.attrs.axis]!;
    }
    return y;
  },
  oneHot: (node, { inputs: [labels], outputs: [result] }) => {
    const { depth } = node.attrs;
    return zeros(result).map((_, i) => Number(labels.data[Math.floor(i / depth)] === i % depth));
  },
  pad: (node, { inputs: [x], outputs: [result] }) => {
    const to = places(x.shape, steps(result.shape), startOf(node.attrs.before, result.shape));
    return scattered(zeros(result).fill(node.attrs.value), x, to, last);
  },
  reduceMax: (_, { inputs: [x], outputs: [result] }) =>
    scattered(zeros(result).fill(-Infinity), x, repeated(result.shape, x.shape), Math.max),
  reduceSum: (_, { inputs: [x], outputs: [result] }) =>
    scattered(zeros(result), x, repeated(result.shape, x.shape), sum),
  reshape: (_, { inputs: [x] }) => x.data,
  slice: (node, { inputs: [x], outputs: [result] }) =>
    gathered(result, x, places(result.shape, steps(x.shape), startOf(node.attrs.starts, x.shape))),
  transpose: (node, { inputs: [x], outputs: [result] }) => {
    const along = steps(x.shape);
    const moved = node.attrs.permutation.map((axis) => along[axis]!);
    return gathered(result, x, places(result.shape, moved));
  },

  avgPool2d: (node, { inputs: [x], outputs: [result] }) => {
    const mean = (pixels: readonly number[]): number =>
      pixels.reduce((total, at) => total + x.data[at]!, 0) / divisor(node.attrs, pixels);
    return Float32Array.from(windows(x.shape, result.shape, node.attrs), mean);
  },
  avgPool2dGrad: (node, { inputs: [dy], outputs: [result] }) => {
    const dx = zeros(result);
    windows(result.shape, dy.shape, node.attrs).forEach((pixels, i) => {
      for (const at of pixels) dx[at]! += dy.data[i]! / divisor(node.attrs, pixels);
    });
    return dx;
  },
  conv2d: (node, { inputs: [x, w], outputs: [result] }) => {
    const [y, xs, ws, channels] = [zeros(result), x.data, w.data, w.shape[1]!];
    forEachTap(x.shape, w.shape, result.shape, node.attrs, (k, i, xStep, j, wStep) => {
      let total = 0;
      for (let c = 0; c < channels; c++) total += xs[i + c * xStep]! * ws[j + c * wStep]!;
      y[k]! += total;
    });
    return y;
  },
  conv2dGradFilter: (node, { inputs: [x, dy], outputs: [result] }) => {
    const [dw, xs, channels] = [zeros(result), x.data, result.shape[1]!];
    forEachTap(x.shape, result.shape, dy.shape, node.attrs, (k, i, xStep, j, wStep) => {
      const gradient = dy.data[k]!;
      for (let c = 0; c < channels; c++) dw[j + c * wStep]! += xs[i + c * xStep]! * gradient;
    });
    return dw;
  },
  conv2dGradInput: (node, { inputs: [dy, w], outputs: [result] }) => {
    const [dx, ws, channels] = [zeros(result), w.data, w.shape[1]!];
    forEachTap(result.shape, w.shape, dy.shape, node.attrs, (k, i, xStep, j, wStep) => {
      const gradient = dy.data[k]!;
      for (let c = 0; c < channels; c++) dx[i + c * xStep]! += ws[j + c * wStep]! * gradient;
    });
    return dx;
  },
  matMul: (node, { inputs: [x, y], outputs: [result] }) => {
    const z = zeros(result);
    const [rows, columns] = result.shape as readonly [number, number];
    const terms = x.data.length / rows;
    const [xDown, xAlong] = node.attrs.transposeA ? [1, rows] : [terms, 1];
    const [yDown, yAlong] = node.attrs.transposeB ? [1, terms] : [columns, 1];
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let k = 0; k < terms; k++)
          z[i * columns + j]! += x.data[i * xDown + k * xAlong]! * y.data[k * yDown + j * yAlong]!;
    return z;
  },
  maxPool2d: (node, { inputs: [x], outputs: [result] }) =>
    gathered(result, x, maxima(x, result.shape, node.attrs)),
  maxPool2dGather: (node, { inputs: [x, , g], outputs: [result] }) =>
    gathered(result, g, maxima(x, result.shape, node.attrs)),
  maxPool2dGrad: (node, { inputs: [x, , dy], outputs: [result] }) =>
    scattered(zeros(result), dy, maxima(x, dy.shape, node.attrs), sum),
  randomUniform: (node, { inputs: [random] }) => drawUniform(random.data, node.attrs),
};
