// Softmax along an axis and its logarithm -> Softmax, LogSoftmax
import type { OnnxKernel } from '../writer/writer.ts';

export const softmax: OnnxKernel<'softmax'> = ({ attrs: { axis } }, { inputs: [x], outputs: [y] }, writer) =>
  writer.set(y, writer.emit('Softmax', [writer.full(x)], { axis }));

export const logSoftmax: OnnxKernel<'logSoftmax'> = (
  { attrs: { axis } },
  { inputs: [x], outputs: [y] },
  writer,
) => writer.set(y, writer.emit('LogSoftmax', [writer.full(x)], { axis }));
