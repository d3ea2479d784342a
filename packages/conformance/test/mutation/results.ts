// Mutants of a result, independent of the kernel that computed it: lost digits, zeros, values in the wrong place.
import type { Tensor, Tensors } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';
import { FORMATS } from './mutant.ts';
import { areFarFrom0, inBits, isZero, moved, sameData, valued } from './tensors.ts';

export interface ResultMutant {
  readonly name: string;
  /** Returns the wrong result, or the reason why the mutant is equivalent. */
  readonly mutate: (right: Tensor, feeds: Tensors) => Tensor | string;
}

/**
 * The mutant is compared with the result rounded to float32, because no device has to keep more digits than float32
 * has. If a feed is far from 0, few of its digits matter to begin with.
 */
const inBf16: ResultMutant = {
  name: 'in bf16',
  mutate: (right, feeds) => {
    if (Object.values(feeds).some((x) => x.dtype === 'float32' && areFarFrom0(x))) {
      return 'all values of a feed share their leading digits';
    }
    const single = right.dtype === 'float64' ? valued(right, Math.fround) : right;
    const wrong = inBits(single, FORMATS.bf16);
    return sameData(wrong, single) ? `no value has more than ${FORMATS.bf16} bits` : wrong;
  },
};

const zeros: ResultMutant = {
  name: 'all zeros',
  mutate: (right) => (isZero(right) ? 'it is 0' : valued(right, () => 0)),
};

/** Swaps the first two neighbors that differ. */
const swapped: ResultMutant = {
  name: 'two values swapped',
  mutate: (right) => {
    const { data } = right;
    const at = data.findIndex(
      (value, i) => i > 0 && Math.fround(value) !== Math.fround(elementAt(data, i - 1)),
    );
    const from = (i: number): number => (i === at ? at - 1 : i === at - 1 ? at : i);
    return at < 0 ? 'all values are equal' : moved(right, from);
  },
};

/** Flips the middle value: true becomes false, a class becomes its neighbor. */
const flipped: ResultMutant = {
  name: 'one value flipped',
  mutate: (right) => {
    const { dtype, data } = right;
    if (dtype === 'float64') return 'it is a real number';
    const middle = data.length >> 1;
    return valued(right, (value, i) => (i === middle ? value ^ 1 : value));
  },
};

export const resultMutants: readonly ResultMutant[] = [inBf16, zeros, swapped, flipped];
