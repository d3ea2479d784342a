// LRN: local response normalization across channels, for images with any number of axes.
import { dimOf, sizeOf } from '@isonet/core';
import type { ReadOp } from '../../node.ts';
import { shaped } from '../arithmetic.ts';

export const LRN: ReadOp = (node) => {
  const { attributes } = node;
  const size = attributes.int('size');
  const [alpha, beta] = [attributes.float('alpha', 1e-4), attributes.float('beta', 0.75)];
  const bias = attributes.float('bias', 1);
  const x = node.float(0);
  const [n, channels] = [dimOf(x.shape, 0), dimOf(x.shape, 1)];
  // The sum has a term for each of the `size` channels, so limit their number.
  if (size > 2 * channels) throw node.fail(`expected a size of at most ${2 * channels}, got ${size}`);
  // Only the channels matter, so all pixels can form one row.
  const images = x.shape.length === 4 ? x : shaped(node, x, [n, channels, 1, sizeOf(x.shape) / n / channels]);
  return shaped(node, node.op.lrn(images, { size, alpha, beta, bias }), x.shape);
};
