// x if it is positive, else its channel's slope times x -> PRelu. `x: [N, C, ...], slope: [C] -> [N, C, ...]`
import type { OnnxKernel } from '../writer/writer.ts';

export const prelu: OnnxKernel<'prelu'> = (_, { inputs: [x, slope], outputs: [y] }, writer) => {
  // [C, 1, 1] for images, because PRelu aligns the slope with the last axes.
  const perChannel = writer
    .dims(x)
    .slice(1)
    .map((_dim, i) => (i === 0 ? -1 : 1));
  const column = writer.emit('Reshape', [writer.full(slope), writer.int64(perChannel)]);
  writer.set(y, writer.emit('PRelu', [writer.full(x), column]));
};
