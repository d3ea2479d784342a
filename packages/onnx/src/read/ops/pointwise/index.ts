import type { ReadOps } from '../../node.ts';
import { binaries } from './binary.ts';
import { unaries } from './unary.ts';

export const pointwise: ReadOps = { ...binaries, ...unaries };
