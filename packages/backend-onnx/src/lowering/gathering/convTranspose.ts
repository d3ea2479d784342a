// ConvTranspose for the CUDA provider, whose kernel supports only equal pads at both ends. This writer pads both ends
// by the smaller of the two pads, and then slices off the surplus pixels.
import type { EmitTransposed } from '@isonet/onnx/write';

export const convTranspose: EmitTransposed = (writer, { operands, attrs, extent }) => {
  const [top, left, bottom, right] = attrs.pads;
  const [vertical, horizontal] = [Math.min(top, bottom), Math.min(left, right)];
  const equal = { ...attrs, pads: [vertical, horizontal, vertical, horizontal] };
  const whole = writer.emit('ConvTranspose', operands, equal);
  if (top === bottom && left === right) return whole;
  const starts = [top - vertical, left - horizontal] as const;
  const ends = [starts[0] + extent[0], starts[1] + extent[1]];
  return writer.emit('Slice', [whole, writer.int64(starts), writer.int64(ends), writer.int64([2, 3])]);
};
