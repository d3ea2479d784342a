// ConvTranspose: operator set 1 and later. Computed as the input gradient of the convolution with the same window.
import { dimOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Sliding } from './window.ts';
import { asGiven, asImages, asTwo, halves, padsOf, reachOf, ROW, slidingOf, windowAttrs } from './window.ts';

export const ConvTranspose: ReadOp = (node) => {
  const groups = node.attributes.int('group', 1);
  const [x, w] = [node.float(0), node.weight(1, 'weight')];
  const window = asTwo(enlargedOf(node, slidingOf(node, x.shape, w.shape)), { ...ROW, rest: 0 });
  const [vertical, horizontal] = window;
  const [n, channels] = [dimOf(x.shape, 0), dimOf(w.shape, 1) * groups];
  const y = node.op.conv2dGradInput(asImages(node, x), asImages(node, w), {
    ...windowAttrs(window),
    groups,
    inputShape: [n, channels, sizeOf(vertical), sizeOf(horizontal)],
  });
  const after = [0, 0, zerosAfter(vertical), zerosAfter(horizontal)];
  const isComplete = after.every((pixels) => pixels === 0);
  const complete = isComplete ? y : node.op.pad(y, { before: [0, 0, 0, 0], after, value: 0 });
  return asGiven(node, node.has(2) ? node.op.biasAdd(complete, node.weight(2, 'bias')) : complete, x.shape);
};

/** An axis, and the number of result pixels beyond those that the windows cover. */
interface Enlarged extends Sliding {
  readonly rest: number;
}

/**
 * Returns the input size of the matching convolution. It includes the pixels beyond the windows only if there are fewer
 * than the stride: a convolution can skip that many at the end. Otherwise, these pixels are appended as zeros.
 */
function sizeOf(axis: Enlarged): number {
  return coveredBy(axis) + axis.rest - zerosAfter(axis);
}

function zerosAfter({ rest, stride }: Enlarged): number {
  return rest < stride ? 0 : rest;
}

/** Returns the number of pixels that the windows cover, minus those that are cropped. */
function coveredBy(axis: Sliding): number {
  return (axis.size - 1) * axis.stride + reachOf(axis) - axis.before - axis.after;
}

/** Applies the cropping of the attribute pads, or of auto_pad and output_shape. */
function enlargedOf(node: NodeReader, sliding: readonly Sliding[]): readonly Enlarged[] {
  const { attributes } = node;
  const auto = attributes.string('auto_pad', 'NOTSET');
  const added = attributes.ints(
    'output_padding',
    sliding.map(() => 0),
  );
  const pads = padsOf(node, sliding.length);
  const sizes = attributes.has('output_shape')
    ? attributes.ints('output_shape').slice(-sliding.length)
    : undefined;
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(auto)) {
    throw node.fail(`unknown auto_pad ${auto}`);
  }
  return sliding.map((axis, i) => {
    const extra = added[i];
    if (extra === undefined || extra < 0)
      throw node.fail(`expected output_padding for each axis, got ${added.join(', ')}`);
    const size = sizes ? sizes[i] : auto.startsWith('SAME') ? axis.size * axis.stride : undefined;
    if (size === undefined) {
      const [before, after] = auto === 'VALID' ? [0, 0] : [pads[i]!, pads[i + sliding.length]!];
      // output_padding first restores pixels that pads crop at the end.
      const kept = Math.min(extra, after);
      return { ...axis, before, after: after - kept, rest: extra - kept };
    }
    const surplus = coveredBy(axis) + extra - size;
    const cut = { ...axis, ...halves(Math.max(surplus, 0), auto === 'SAME_UPPER') };
    const kept = Math.min(extra, cut.after);
    return { ...cut, after: cut.after - kept, rest: extra - kept + Math.max(-surplus, 0) };
  });
}
