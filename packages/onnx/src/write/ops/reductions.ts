// Reductions, whose axes are kept with size 1.
import { elementTypes } from '../writer/encode.ts';
import type { OnnxKernel } from '../writer/writer.ts';

/** The sum over axes -> ReduceSum */
export const reduceSum: OnnxKernel<'reduceSum'> = (
  { attrs: { axes } },
  { inputs: [x], outputs: [y] },
  writer,
) => {
  const whole = writer.full(x);
  // An empty list of axes means all of them in ONNX.
  const sum =
    axes.length === 0 ? whole : writer.emit('ReduceSum', [whole, writer.int64(axes)], { keepdims: 1 });
  writer.set(y, sum);
};

/** The maximum over axes -> ReduceMax */
export const reduceMax: OnnxKernel<'reduceMax'> = (
  { attrs: { axes } },
  { inputs: [x], outputs: [y] },
  writer,
) => {
  const whole = writer.full(x);
  const max = axes.length === 0 ? whole : writer.emit('ReduceMax', [whole], { axes, keepdims: 1 });
  writer.set(y, max);
};

/** The index of the first maximum along an axis -> ArgMax, which returns int64, and Cast */
export const argMax: OnnxKernel<'argMax'> = ({ attrs: { axis } }, { inputs: [x], outputs: [y] }, writer) => {
  const attrs = { axis, keepdims: 1, select_last_index: 0 };
  const index = writer.emit('ArgMax', [writer.full(x)], attrs);
  writer.set(y, writer.emit('Cast', [index], { to: elementTypes.int32 }));
};
