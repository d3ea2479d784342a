// The same values in another shape -> Reshape
import type { Dims } from '../writer/dims.ts';
import { sameDims } from '../writer/dims.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';

export const reshape: OnnxKernel<'reshape'> = (_, { inputs: [x], outputs: [y] }, writer) => {
  const { name, dims } = writer.operand(x);
  // A single repeated number is the same in any shape.
  const isNoop = dims.length === 0 || sameDims(writer.dims(x), writer.dims(y));
  if (isNoop) writer.set(y, name, dims);
  else writer.set(y, writer.emit('Reshape', [writer.full(x), writer.int64(target(x, y, writer))]));
};

/** Returns the shape in ONNX's notation: 0 keeps the input's dimension, and a single -1 is inferred. */
function target(x: number, y: number, writer: Writer): readonly number[] {
  const from: Dims = writer.dims(x);
  const shape = writer
    .dims(y)
    .map((dim, axis) => (typeof dim === 'number' ? dim : dim === from[axis] ? 0 : -1));
  if (shape.filter((dim) => dim === -1).length > 1) {
    throw writer.refuse(
      `moves more than one dimension that follows the batch: ${from.join(', ')} to ${writer.dims(y).join(', ')}`,
    );
  }
  return shape;
}
