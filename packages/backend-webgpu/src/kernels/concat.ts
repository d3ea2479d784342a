// concat(...xs): one after the other along an axis. `xs: [..., Di, ...] -> [..., sum of Di, ...]`
// A dispatch per input, for a shader may bind only so many buffers. Values are moved as bits: any dtype.
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, input, output, u32 } from './kernel.ts';

export const concat: Kernel<'concat'> = ({ attrs: { axis } }, { inputs, outputs: [y] }) => {
  if (inputs.length === 1) return 'alias';
  const total = sizeOf((y?.shape ?? []).slice(axis));
  let start = 0;
  return inputs.map(({ shape }, i) => {
    const width = sizeOf(shape.slice(axis));
    const first = start;
    start += width;
    return dispatch({
      reads: { x: [input(i), 'u32'] },
      writes: { y: [output(0), 'u32'] },
      params: { width: u32(width), total: u32(total), start: u32(first) },
      threads: sizeOf(shape),
      body: 'y[i / params.width * params.total + params.start + i % params.width] = x[i];',
    });
  });
};
