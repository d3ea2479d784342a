// Faults in what comes out, whatever computed it: lost bits, nothing at all, a wrong place.
import type { Tensor, Tensors } from '@isonet/core';
import { numberAt } from '../../src/check/compare.ts';
import { FORMATS } from './fault.ts';
import { areFarFrom0, inBits, isZero, moved, sameData, valued } from './tensors.ts';

export interface ResultFault {
  readonly name: string;
  /** The wrong result, or why it is none. */
  readonly spoil: (right: Tensor, feeds: Tensors) => Tensor | string;
}

/**
 * Judged as float32 has it: what float64 holds beyond that is no device's to lose. Of numbers that are far from 0 together,
 * the digits that count are few from the start.
 */
const inBf16: ResultFault = {
  name: 'in bf16',
  spoil: (right, feeds) => {
    if (Object.values(feeds).some((x) => x.dtype === 'float32' && areFarFrom0(x))) {
      return 'all numbers of a feed are alike in their leading digits';
    }
    const single = right.dtype === 'float64' ? valued(right, Math.fround) : right;
    const wrong = inBits(single, FORMATS.bf16);
    return sameData(wrong, single) ? `no value has more than ${FORMATS.bf16} bits` : wrong;
  },
};

const nothing: ResultFault = {
  name: '0 throughout',
  spoil: (right) => (isZero(right) ? 'it is 0' : valued(right, () => 0)),
};

/** The first two neighbours that differ. */
const exchanged: ResultFault = {
  name: 'two values exchanged',
  spoil: (right) => {
    const { data } = right;
    const at = data.findIndex(
      (value, i) => i > 0 && Math.fround(value) !== Math.fround(numberAt(data, i - 1)),
    );
    const from = (i: number): number => (i === at ? at - 1 : i === at - 1 ? at : i);
    return at < 0 ? 'it is one number' : moved(right, from);
  },
};

/** In the middle: a truth turned into a falsehood, a class into its neighbour. */
const turned: ResultFault = {
  name: 'turned at one place',
  spoil: (right) => {
    const { dtype, data } = right;
    if (dtype === 'float64') return 'it is a real number';
    const middle = data.length >> 1;
    return valued(right, (value, i) => (i === middle ? value ^ 1 : value));
  },
};

export const faultsOfResults: readonly ResultFault[] = [inBf16, nothing, exchanged, turned];
