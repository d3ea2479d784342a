// transpose of every dtype, and of values that other ops may leave in a layout other than row-major.
import { type Case, casesFor } from '../case/case.ts';
import { coins, indices, integers } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('transpose', ({ exact }) => [
  exact('matrix', { x: integers('x', [3, 5]) }, { permutation: [1, 0] }),
  // One more than the tile sizes that fast kernels use.
  exact('odd-tiles', { x: integers('x', [33, 65]) }, { permutation: [1, 0] }),
  exact('nchw-to-nhwc', { x: integers('x', [2, 3, 4, 5]) }, { permutation: [0, 2, 3, 1] }),
  exact('nhwc-to-nchw', { x: integers('x', [2, 4, 5, 3]) }, { permutation: [0, 3, 1, 2] }),
  // Neither its own inverse nor a rotation.
  exact('five-axes', { x: integers('x', [2, 3, 4, 2, 3]) }, { permutation: [4, 2, 0, 3, 1] }),
  exact('axes-of-size-1', { x: integers('x', [1, 5, 1]) }, { permutation: [2, 0, 1] }),
  exact('nothing-to-do', { x: integers('x', [2, 3, 4]) }, { permutation: [0, 1, 2] }),
  exact('vector', { x: integers('x', [5]) }, { permutation: [0] }),
  exact('scalar', { x: integers('x', []) }, { permutation: [] }),
  exact('twice', { x: integers('x', [2, 3, 4]) }, (op, { x }) => {
    const once = op.transpose(x, { permutation: [1, 2, 0] });
    return op.mul(
      op.transpose(once, { permutation: [1, 2, 0] }),
      op.transpose(x, { permutation: [2, 0, 1] }),
    );
  }),
  exact('bool', { x: coins('x', [3, 5]) }, { permutation: [1, 0] }),
  exact('int32', { x: indices('x', [2, 3, 4]) }, { permutation: [2, 0, 1] }),
]);
