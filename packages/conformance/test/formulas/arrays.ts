// Formulas of products, reductions and rearrangements.
import type { CompositeOp } from '@isonet/core';
import { dimOf, shape4, sizeOf } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';
import type { Formulas } from './formula.ts';
import { average, indexAlong, lineThrough, sum } from './formula.ts';

export const arrays = {
  allFinite: (xs) => [[Number(xs.every(({ data }) => data.every(Number.isFinite)))]],
  batchMatMul: ([x, y], { transposeA, transposeB }) => {
    const [count, k] = [dimOf(x.shape, 0), dimOf(x.shape, transposeA ? 1 : 2)];
    const [m, n] = [dimOf(x.shape, transposeA ? 2 : 1), dimOf(y.shape, transposeB ? 1 : 2)];
    return [
      Array.from({ length: sizeOf([count, m, n]) }, (_, i) => {
        const [pair, row, column] = [Math.floor(i / n / m), Math.floor(i / n) % m, i % n];
        let total = 0;
        for (let term = 0; term < k; term++) {
          const left = transposeA ? term * m + row : row * k + term;
          const right = transposeB ? column * k + term : term * n + column;
          total += elementAt(x.data, pair * m * k + left) * elementAt(y.data, pair * k * n + right);
        }
        return total;
      }),
    ];
  },
  dense: ([x, w, bias]) => {
    const [inputs, units] = [dimOf(x.shape, 1), dimOf(w.shape, 0)];
    return [
      Array.from({ length: dimOf(x.shape, 0) * units }, (_, i) => {
        const row = lineThrough(x, 1, Math.floor(i / units) * inputs);
        const weights = lineThrough(w, 1, (i % units) * inputs);
        return sum(row.map((value, k) => value * elementAt(weights, k))) + elementAt(bias.data, i % units);
      }),
    ];
  },
  gather: ([x, indices], { axis }) => {
    const shape = x.shape.with(axis, indices.data.length);
    const step = sizeOf(shape.slice(axis + 1));
    const size = dimOf(x.shape, axis);
    return [
      Array.from({ length: sizeOf(shape) }, (_, i) => {
        const index = elementAt(indices.data, indexAlong(shape, axis, i));
        const before = Math.floor(i / step / indices.data.length);
        return index >= 0 && index < size
          ? elementAt(x.data, (before * size + index) * step + (i % step))
          : 0;
      }),
    ];
  },
  globalAvgPool2d: ([{ shape, data }]) => {
    const [images, channels, height, width] = shape4(shape);
    const pixels = height * width;
    const planes = Array.from({ length: images * channels }, (_, i) =>
      data.slice(i * pixels, (i + 1) * pixels),
    );
    return [planes.map(average)];
  },
  globalNorm: (xs) => [[Math.hypot(...xs.flatMap(({ data }) => data))]],
  upsampleNearest2d: ([{ shape, data }], { scales: [down, right] }) => {
    const [n, c, h, w] = shape4(shape);
    const [rows, columns] = [h * down, w * right];
    return [
      Array.from({ length: n * c * rows * columns }, (_, i) => {
        const plane = Math.floor(i / (rows * columns));
        const [row, column] = [Math.floor(i / columns) % rows, i % columns];
        return elementAt(data, (plane * h + Math.floor(row / down)) * w + Math.floor(column / right));
      }),
    ];
  },
} satisfies Partial<Formulas<CompositeOp>>;
