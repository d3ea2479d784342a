// Sums and means over pixels -> ReduceSum, ReduceMean
import { globalAvgPool2d as plainMean } from '../ops/pooling.ts';
import { reduceSum as plainSum } from '../ops/reductions.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { inPixels, pixelsOf, setPixels } from './form.ts';

/** Sums over the pixels of each image or of the whole batch. The axes are kept with size 1. */
export const reduceSum: OnnxKernel<'reduceSum'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  const axes = node.attrs.axes.toSorted((a, b) => a - b).join();
  if (!inPixels(x, writer) || (axes !== '2,3' && axes !== '0,2,3')) return plainSum(node, values, writer);
  const sum = (over: readonly number[]): string =>
    writer.emit('ReduceSum', [pixelsOf(x, writer), writer.int64(over)], { keepdims: 1 });
  // The sum over the whole batch is [1, C, 1, 1] in both forms.
  if (axes === '0,2,3') writer.set(y, sum([2, 3]));
  else setPixels(y, sum([2]), writer);
};

/** The mean over all pixels. `x: [N, C, H, W] -> [N, C, 1, 1]` */
export const globalAvgPool2d: OnnxKernel<'globalAvgPool2d'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  if (!inPixels(x, writer)) return plainMean(node, values, writer);
  setPixels(y, writer.emit('ReduceMean', [pixelsOf(x, writer)], { axes: [2], keepdims: 1 }), writer);
};
