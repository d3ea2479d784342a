// concat(...xs): one after the other along an axis. `xs: [..., Di, ...] -> [..., sum of Di, ...]`
// A dispatch per input, for a shader may bind only so many buffers. Values are moved as bits: any dtype.
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

export const concat: Kernel<'concat'> = ({ attrs: { axis } }, { inputs: xs, outputs: [y] }) => {
  const [only, second] = xs;
  if (only && !second) return { aliasOf: only };
  const total = sizeOf(y.shape.slice(axis));
  let start = 0;
  return xs.map((x) => {
    const width = sizeOf(x.shape.slice(axis));
    const first = start;
    start += width;
    return dispatch({
      reads: { x: [x, 'u32'] },
      writes: { y: [y, 'u32'] },
      params: { width: u32(width), total: u32(total), start: u32(first) },
      threads: sizeOf(x.shape),
      body: 'y[i / params.width * params.total + params.start + i % params.width] = x[i];',
    });
  });
};
