import type { ReadOps } from '../../node.ts';
import { activations } from './activation.ts';
import { binaries } from './binary.ts';
import { casts } from './cast.ts';
import { Clip } from './clip.ts';
import { comparisons, logic } from './comparison.ts';
import { Pow } from './pow.ts';
import { unaries } from './unary.ts';

export const pointwise: ReadOps = {
  ...activations,
  ...binaries,
  ...casts,
  ...comparisons,
  ...logic,
  ...unaries,
  Clip,
  Pow,
};
