// concat(...xs): joins tensors along an axis. `xs: [..., Di, ...] -> [..., sum of Di, ...]`
// Each input has its own dispatch, because a shader can bind only a limited number of buffers. Elements are copied as bits, for
// every dtype.
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
