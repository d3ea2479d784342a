// Checks of random cases, which cover unforeseen geometries: one check per op with a complex geometry.
import type { Check } from '../check/check.ts';
import { broadcasts, concats, pads, products, slices, sums, transposes } from './arrays.ts';
import { chains } from './chains.ts';
import { randomCheck } from './check.ts';
import type { RandomOptions } from './drawn.ts';
import { averagePools, convolutions, maxPools } from './windows.ts';

export type { RandomOptions } from './drawn.ts';

/** Returns `conv2d/random` and so on, each with `runs` cases, forward and backward. A failure names the smallest failing case. */
export function randomChecks(options: RandomOptions = {}): readonly Check[] {
  return [
    randomCheck('conv2d/random', 'exact', convolutions, options),
    randomCheck('maxPool2d/random', 'exact', maxPools, options),
    randomCheck('avgPool2d/random', 'bounded', averagePools, options),
    randomCheck('matMul/random', 'exact', products, options),
    randomCheck('reduceSum/random', 'exact', sums, options),
    randomCheck('transpose/random', 'exact', transposes, options),
    randomCheck('slice/random', 'exact', slices, options),
    randomCheck('pad/random', 'exact', pads, options),
    randomCheck('concat/random', 'exact', concats, options),
    randomCheck('broadcast/random', 'exact', broadcasts, options),
    randomCheck('combination/random', 'exact', chains, options),
  ];
}
