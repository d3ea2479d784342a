// 1 in the column of the label -> Equal with 0, 1, 2, ... (ONNX's OneHot counts negative labels from the end)
// `labels: int32 [N] -> [N, depth]`
import { int32 } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import type { OnnxKernel } from '../writer/writer.ts';

export const oneHot: OnnxKernel<'oneHot'> = (
  { attrs: { depth } },
  { inputs: [labels], outputs: [y] },
  writer,
) => {
  const column = writer.emit('Unsqueeze', [writer.full(labels), writer.int64([1])]);
  const classes = writer.constant(
    int32(
      [1, depth],
      Array.from({ length: depth }, (_, i) => i),
    ),
  );
  const equal = writer.emit('Equal', [column, classes]);
  writer.set(y, writer.emit('Cast', [equal], { to: elementTypes.float32 }));
};
