// Where along the axis the maximum is, the first of a tie. `x: [N, K], axis 1 -> int32 [N, 1]`
import type { NodeOf } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import { reduction } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function argMax({ attrs: { axis } }: NodeOf<'argMax'>, context: Context): DeviceTensor {
  return reduction(context, [axis], (x, [place = 0]) => {
    // Three axes, which wasm transposes much faster than more of them.
    const [outer, size, inner] = [x.shape.slice(0, place), x.shape[place] ?? 1, x.shape.slice(place + 1)];
    const folded = x.reshape([sizeOf(outer), size, sizeOf(inner)]);
    return context.tf.argMax(folded, 1).reshape([...outer, 1, ...inner]);
  });
}
