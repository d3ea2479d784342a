// transpose of every dtype, and of what other ops leave in a layout of their own.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { coins, indices, integers } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('transpose/matrix', { x: integers('x', [3, 5]) }, (op, { x }) =>
    op.transpose(x, { permutation: [1, 0] }),
  ),
  // Crosses the tile sizes that fast kernels like, by one.
  exact('transpose/odd-tiles', { x: integers('x', [33, 65]) }, (op, { x }) =>
    op.transpose(x, { permutation: [1, 0] }),
  ),
  exact('transpose/nchw-to-nhwc', { x: integers('x', [2, 3, 4, 5]) }, (op, { x }) =>
    op.transpose(x, { permutation: [0, 2, 3, 1] }),
  ),
  exact('transpose/nhwc-to-nchw', { x: integers('x', [2, 4, 5, 3]) }, (op, { x }) =>
    op.transpose(x, { permutation: [0, 3, 1, 2] }),
  ),
  // A permutation that is not its own inverse, nor a rotation.
  exact('transpose/five-axes', { x: integers('x', [2, 3, 4, 2, 3]) }, (op, { x }) =>
    op.transpose(x, { permutation: [4, 2, 0, 3, 1] }),
  ),
  exact('transpose/axes-of-size-1', { x: integers('x', [1, 5, 1]) }, (op, { x }) =>
    op.transpose(x, { permutation: [2, 0, 1] }),
  ),
  exact('transpose/nothing-to-do', { x: integers('x', [2, 3, 4]) }, (op, { x }) =>
    op.transpose(x, { permutation: [0, 1, 2] }),
  ),
  exact('transpose/vector', { x: integers('x', [5]) }, (op, { x }) => op.transpose(x, { permutation: [0] })),
  exact('transpose/scalar', { x: integers('x', []) }, (op, { x }) => op.transpose(x, { permutation: [] })),
  exact('transpose/twice', { x: integers('x', [2, 3, 4]) }, (op, { x }) => {
    const once = op.transpose(x, { permutation: [1, 2, 0] });
    return op.mul(
      op.transpose(once, { permutation: [1, 2, 0] }),
      op.transpose(x, { permutation: [2, 0, 1] }),
    );
  }),
  exact('transpose/bool', { x: coins('x', [3, 5]) }, (op, { x }) => op.transpose(x, { permutation: [1, 0] })),
  exact('transpose/int32', { x: indices('x', [2, 3, 4]) }, (op, { x }) =>
    op.transpose(x, { permutation: [2, 0, 1] }),
  ),
];
