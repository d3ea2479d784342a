// Transpose, DepthToSpace and SpaceToDepth. The latter two are transposes between reshapes.
import type { Shape4 } from '@isonet/core';
import type { NodeReader, ReadOps } from '../../node.ts';
import { reshapedTo, transposed } from '../layout/moved.ts';
import { listedAxes } from '../axes.ts';

export const transposes: ReadOps = {
  Transpose: (node) => {
    const axes = [...node.shape(0).keys()];
    const permutation = listedAxes(node, node.attributes.ints('perm', axes.toReversed()), axes.length);
    if (permutation.length !== axes.length) {
      throw node.fail(`expected a permutation of ${axes.length} axes, got ${permutation.join(', ')}`);
    }
    return transposed(node, node.input(0), permutation);
  },
  DepthToSpace: (node) => {
    const size = blockSize(node);
    const isDepthFirst = depthFirst(node);
    const [n, c, h, w] = images(node);
    const depth = c / size ** 2;
    if (!Number.isInteger(depth)) throw node.fail(`expected a multiple of ${size}^2 channels, got ${c}`);
    const split = isDepthFirst ? [n, depth, size, size, h, w] : [n, size, size, depth, h, w];
    const blocks = reshapedTo(node, node.input(0), split);
    const moved = transposed(node, blocks, isDepthFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
    return reshapedTo(node, moved, [n, depth, h * size, w * size]);
  },
  SpaceToDepth: (node) => {
    const size = blockSize(node);
    const [n, c, h, w] = images(node);
    if (h % size !== 0 || w % size !== 0)
      throw node.fail(`expected image sizes that are multiples of ${size}, got ${h}x${w}`);
    const blocks = reshapedTo(node, node.input(0), [n, c, h / size, size, w / size, size]);
    const moved = transposed(node, blocks, depthFirst(node) ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]);
    return reshapedTo(node, moved, [n, c * size ** 2, h / size, w / size]);
  },
};

/** Returns whether the channels, rather than the positions within a block, come first. */
function depthFirst(node: NodeReader): boolean {
  const mode = node.attributes.string('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') throw node.fail(`expected mode DCR or CRD, got ${mode}`);
  return mode === 'CRD';
}

function blockSize(node: NodeReader): number {
  const size = node.attributes.int('blocksize');
  if (size >= 1) return size;
  throw node.fail(`expected a block size of at least 1, got ${size}`);
}

function images(node: NodeReader): Shape4 {
  const [n, c, h, w, ...others] = node.shape(0);
  if (n !== undefined && c !== undefined && h !== undefined && w !== undefined && others.length === 0) {
    return [n, c, h, w];
  }
  throw node.fail(`expected images [N, C, H, W], got [${node.shape(0).join(', ')}]`);
}
