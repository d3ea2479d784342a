// reduceSum(x): the sum over `axes`, which stay with size 1. `x: [N, K], axes [1] -> [N, 1]`
import type { Kernel } from './kernel.ts';
import { reduction } from './reduce.ts';

export const reduceSum: Kernel<'reduceSum'> = ({ attrs: { axes } }, context) =>
  reduction(context, axes, 'a + b');
