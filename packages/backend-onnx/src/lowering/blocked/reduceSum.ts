// Sums over the pixels of each image or of all images -> a depthwise Conv with a filter of ones of the image's size, and a sum over the
// images.
// `x: [N, C, H, W] -> [N, C, 1, 1] or [1, C, 1, 1]`
import type { OnnxKernel } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { roundUp } from './layout.ts';
import { channelSums } from './perChannel.ts';

export const reduceSum =
  (layout: Layout, plain: OnnxKernel<'reduceSum'>): OnnxKernel<'reduceSum'> =>
  (node, operands, writer) => {
    const {
      inputs: [x],
      outputs: [y],
    } = operands;
    const axes = node.attrs.axes.toSorted((a, b) => a - b).join();
    if (!writer.hasForm(x, layout.form) || (axes !== '2,3' && axes !== '0,2,3')) {
      return plain(node, operands, writer);
    }
    const shape = writer.shape4(x);
    const [, channels] = shape;
    const perImage = channelSums(writer, writer.inForm(x, layout.form, 'any'), shape, layout);
    const sums =
      axes === '2,3' ? perImage : writer.emit('ReduceSum', [perImage, writer.int64([0])], { keepdims: 1 });
    const bounds = [0, channels, 1].map((at) => writer.int64([at]));
    // For a single pixel, the layout is the same as the graph's own.
    const isWhole = roundUp(channels, layout.block) === channels;
    writer.set(y, isWhole ? sums : writer.emit('Slice', [sums, ...bounds]));
  };
