// biasAdd on images, rows and sequences.
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact(
    'biasAdd/images',
    { x: integers('x', [2, 3, 4, 5]), bias: integers('bias', [3]) },
    (op, { x, bias }) => op.biasAdd(x, bias),
  ),
  exact('biasAdd/rows', { x: integers('x', [4, 7]), bias: integers('bias', [7]) }, (op, { x, bias }) =>
    op.biasAdd(x, bias),
  ),
  exact(
    'biasAdd/sequences',
    { x: integers('x', [2, 3, 5]), bias: integers('bias', [3]) },
    (op, { x, bias }) => op.biasAdd(x, bias),
  ),
  exact(
    'biasAdd/one-channel',
    { x: integers('x', [2, 1, 3, 3]), bias: integers('bias', [1]) },
    (op, { x, bias }) => op.biasAdd(x, bias),
  ),
  exact(
    'biasAdd/one-pixel',
    { x: integers('x', [1, 5, 1, 1]), bias: integers('bias', [5]) },
    (op, { x, bias }) => op.biasAdd(x, bias),
  ),
  bounded('biasAdd/reals', { x: reals('x', [2, 3, 4, 5]), bias: reals('bias', [3]) }, (op, { x, bias }) =>
    op.biasAdd(x, bias),
  ),
];
