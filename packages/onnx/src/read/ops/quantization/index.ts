// DequantizeLinear of stored integers, which turns the weights of a quantized file into floats.
import type { Shape } from '@isonet/core';
import { dimOf, sameShape } from '@isonet/core';
import { indexCount } from '../../host/budget.ts';
import { hostPicked } from '../../host/layout.ts';
import { onNumbers } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';
import { axisOf } from '../axes.ts';

const DequantizeLinear: ReadOp = (node) => {
  node.attributes.ignore('output_dtype'); // Every float is a float32.
  const x = node.known(0);
  if (!x) throw node.fail('quantized activations are not supported; export the network in float32');
  if (x.kind !== 'int') throw node.fail(`expected integers, got ${x.kind}`);
  const axis = node.attributes.int('axis', 1);
  const block = node.attributes.int('block_size', 0);
  const spread = (i: number): HostTensor =>
    block === 0
      ? along(node, node.host(i), x.shape, axis)
      : ofBlocks(node, node.host(i), x.shape, axis, block);
  const scale = spread(1);
  const zero: HostTensor = node.has(2) ? spread(2) : { kind: 'int', shape: [], data: new Float64Array(1) };
  return new Known(onNumbers(node, [x, scale, zero], (q, s, z) => (q - z) * s, 'float'));
};

/** Reshapes a tensor with a single value, or one per entry of the axis, so that it broadcasts. */
function along(node: NodeReader, tensor: HostTensor, shape: Shape, axis: number): HostTensor {
  if (tensor.data.length === 1) return { ...tensor, shape: [] };
  const at = axisOf(node, axis, shape.length);
  if (tensor.shape.length !== 1 || tensor.data.length !== dimOf(shape, at)) {
    throw node.fail(`expected one value, or one per entry of axis ${at}`);
  }
  return { ...tensor, shape: shape.map((dim, i) => (i === at ? dim : 1)) };
}

/** Repeats the value of each block of the axis for all of its entries. `[.., ceil(D / block), ..] -> [.., D, ..]` */
function ofBlocks(
  node: NodeReader,
  tensor: HostTensor,
  shape: Shape,
  axis: number,
  block: number,
): HostTensor {
  const at = axisOf(node, axis, shape.length);
  const count = Math.ceil(dimOf(shape, at) / block);
  if (!(block > 0) || !sameShape(tensor.shape, shape.with(at, count))) {
    throw node.fail(`expected one value per block of ${block} along axis ${at}`);
  }
  const length = indexCount(node, dimOf(shape, at));
  return hostPicked(
    node,
    tensor,
    at,
    Array.from({ length }, (_, i) => Math.floor(i / block)),
  );
}

export const quantization: ReadOps = { DequantizeLinear };
