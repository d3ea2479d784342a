// 1 in the column of the label -> Equal with 0, 1, 2, ... (ONNX's OneHot counts negative labels from the end)
// `labels: int32 [N] -> [N, depth]`
import type { NodeOf } from '@isonet/core';
import { int32 } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function oneHot({ inputs, outputs, attrs: { depth } }: NodeOf<'oneHot'>, writer: Writer): void {
  const column = writer.emit('Unsqueeze', [writer.full(only(inputs)), writer.int64([1])]);
  const classes = writer.constant(
    int32(
      [1, depth],
      Array.from({ length: depth }, (_, i) => i),
    ),
  );
  const equal = writer.emit('Equal', [column, classes]);
  writer.set(only(outputs), writer.emit('Cast', [equal], { to: elementTypes.float32 }));
}
