// LayerNormalization (operator set 17 and later) and RMSNormalization (23), over the last axes of each sample.
import type { Value } from '@isonet/core';
import { sameShape, shapeText } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { meanOver } from '../arithmetic.ts';
import { axisOf } from '../axes.ts';
import { broadcastShape, broadcastTo } from '../broadcasting.ts';
import { rootOf, standardized } from './standardized.ts';

export const LayerNormalization: ReadOp = (node) => {
  const { op } = node;
  const { x, first, axes, epsilon, scale } = operandsOf(node);
  const bias = node.has(2) ? node.weight(2, 'bias') : undefined;
  const isPlain = first > 0 && sameShape(scale.shape, x.shape.slice(first));
  const hasStatistics = node.outputNames.slice(1).some((name) => name !== '');
  if (isPlain && !hasStatistics && (!bias || sameShape(bias.shape, scale.shape))) {
    return op.layerNorm(x, scale, bias ?? node.frame.scope.fill(0, scale.shape), { epsilon });
  }
  const { h, mean, deviation } = standardized(node, x, axes, epsilon);
  const scaled = op.mul(h, alongLast(node, scale, x));
  const y = bias ? op.add(scaled, alongLast(node, bias, x)) : scaled;
  return [y, mean, op.div(node.frame.scope.fill(1, deviation.shape), deviation)];
};

export const RMSNormalization: ReadOp = (node) => {
  const { op } = node;
  const { x, axes, epsilon, scale } = operandsOf(node);
  const root = rootOf(node, meanOver(node, op.mul(x, x), axes), epsilon);
  const h = op.div(x, op.broadcast(root, { shape: x.shape }));
  return op.mul(h, alongLast(node, scale, x));
};

function operandsOf(node: NodeReader): {
  readonly x: Value;
  /** The first of the normalized axes. */
  readonly first: number;
  readonly axes: readonly number[];
  readonly epsilon: number;
  readonly scale: Value;
} {
  const { attributes } = node;
  attributes.ignore('stash_type'); // The float type of the statistics; here all floats are float32.
  const x = node.float(0);
  const first = axisOf(node, attributes.int('axis', -1), x.shape.length);
  const axes = x.shape.map((_, axis) => axis).slice(first);
  return { x, first, axes, epsilon: attributes.float('epsilon', 1e-5), scale: node.weight(1, 'scale') };
}

/** Repeats a scale or bias to the shape of x. */
function alongLast(node: NodeReader, values: Value, { shape }: Value): Value {
  if (sameShape(broadcastShape(node, [values.shape, shape]), shape)) return broadcastTo(node, values, shape);
  throw node.fail(`${shapeText(values.shape)} does not broadcast to ${shapeText(shape)}`);
}
