// x where it is positive, else its channel's slope times x -> PRelu. `x: [N, C, ...], slope: [C] -> [N, C, ...]`
import type { NodeOf } from '@isonet/core';
import { only, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function prelu({ inputs, outputs }: NodeOf<'prelu'>, writer: Writer): void {
  const [x, slope] = two(inputs);
  // [C, 1, 1] for images: the slope is repeated from the last axis on.
  const perChannel = writer
    .dims(x)
    .slice(1)
    .map((_, i) => (i === 0 ? -1 : 1));
  const column = writer.emit('Reshape', [writer.full(slope), writer.int64(perChannel)]);
  writer.set(only(outputs), writer.emit('PRelu', [writer.full(x), column]));
}
