// The operands of batchNorm, groupNorm and layerNorm.
import { dimOf, type Shape, type TensorOf } from '@isonet/core';
import { reals } from '../case/data.ts';

/**
 * Returns x with a scale and a bias.
 * @param size the shape of scale and bias, by default one value per channel
 */
export function operands(
  x: TensorOf<'float32'>,
  size: Shape = [dimOf(x.shape, 1)],
): Readonly<Record<'x' | 'scale' | 'bias', TensorOf<'float32'>>> {
  return { x, scale: reals('scale', size, 0.5, 2), bias: reals('bias', size) };
}
