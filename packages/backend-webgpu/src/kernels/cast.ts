// cast(x): another dtype. WGSL's conversions are core's: floats are cut towards 0. A bool is 0 or 1 in 32 bits, as an int32
// is, so that cast is none.
import type { DType } from '@isonet/core';
import { elementwise } from './elementwise.ts';
import type { Element, Kernel } from './kernel.ts';

export const cast: Kernel<'cast'> = ({ attrs: { to } }, context) => {
  const from = elementOf(context.inputs[0]?.dtype);
  if (from === 'u32' && to === 'int32') return 'alias';
  const target = elementOf(to);
  return elementwise(context, { inputs: { x: from }, outputs: [[target, `${target}(x)`]] });
};

function elementOf(dtype: DType | undefined): Element {
  if (dtype === 'float32') return 'f32';
  return dtype === 'int32' ? 'i32' : 'u32';
}
