// InstanceNormalization, and GroupNormalization (operator set 18 and later), over groups of channels of each sample.
import type { Value } from '@isonet/core';
import { dimOf, shapeText } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';

/** From this operator set on, scale and bias have one value per channel. In older ones, they have one per group. */
const SCALES_CHANNELS = 21;

export const InstanceNormalization: ReadOp = (node) => {
  const epsilon = node.attributes.float('epsilon', 1e-5);
  const x = node.float(0);
  const groups = dimOf(x.shape, 1);
  return node.op.groupNorm(x, node.weight(1, 'scale'), node.weight(2, 'bias'), { groups, epsilon });
};

export const GroupNormalization: ReadOp = (node) => {
  const { attributes } = node;
  attributes.ignore('stash_type'); // The float type of the statistics; here all floats are float32.
  const epsilon = attributes.float('epsilon', 1e-5);
  const groups = attributes.int('num_groups');
  const x = node.float(0);
  const [scale, bias] = [node.weight(1, 'scale'), node.weight(2, 'bias')].map((values) =>
    node.opset < SCALES_CHANNELS ? ofChannels(node, values, groups, dimOf(x.shape, 1)) : values,
  ) as [Value, Value];
  return node.op.groupNorm(x, scale, bias, { groups, epsilon });
};

/** Repeats the value of each group for all of its channels. `[groups] -> [C]` */
function ofChannels(node: NodeReader, values: Value, groups: number, channels: number): Value {
  const { op } = node;
  if (values.shape.length !== 1 || values.shape[0] !== groups || channels % groups !== 0) {
    throw node.fail(
      `expected ${groups} scales and biases, for ${channels} channels, got ${shapeText(values.shape)}`,
    );
  }
  const column = op.reshape(values, { shape: [groups, 1] });
  return op.reshape(op.broadcast(column, { shape: [groups, channels / groups] }), { shape: [channels] });
}
