// Computes the size of the result of Resize or Upsample, and the scale of each axis.
import { dimOf, sizeOf } from '@isonet/core';
import type { HostTensor } from '../../hostTensor.ts';
import type { NodeReader } from '../../node.ts';
import { listedAxes } from '../axes.ts';
import type { Scaling } from './coordinates.ts';

/** The maximum number of values in a result. */
const MAX_VALUES = 2 ** 31;

/** Returns the scaling of each axis of input 0. */
export function scalingsOf(node: NodeReader): readonly Scaling[] {
  const shape = node.shape(0);
  const axes = node.attributes.has('axes')
    ? listedAxes(node, node.attributes.ints('axes'), shape.length)
    : [...shape.keys()];
  const [scales, sizes] = [scalesOf(node), node.opset < 11 ? undefined : given(node, 3)];
  const policy = node.attributes.string('keep_aspect_ratio_policy', 'stretch');
  if ((scales === undefined) === (sizes === undefined)) throw node.fail('expected either scales or sizes');
  const wanted = scales ?? sizes!.data;
  if (wanted.length !== axes.length) {
    throw node.fail(`expected ${axes.length} scales or sizes, got ${wanted.length}`);
  }
  const own = axes.map((axis) => dimOf(shape, axis));
  const each = scales
    ? Array.from(scales, (scale, i) => byScale(own[i]!, scale))
    : bySizes(node, own, axes, Array.from(wanted), policy);
  const scalings = shape.map((dim, axis) => each[axes.indexOf(axis)] ?? { from: dim, to: dim, exact: dim });
  const result = scalings.map(({ to }) => to);
  if (!result.every((dim) => Number.isInteger(dim) && dim > 0) || sizeOf(result) > MAX_VALUES) {
    throw node.fail(
      `expected a result of positive sizes and at most 2^31 values, got [${result.join(', ')}]`,
    );
  }
  return scalings;
}

function scalesOf(node: NodeReader): ArrayLike<number> | undefined {
  if (node.opType === 'Upsample' && node.opset < 9) return node.attributes.floats('scales');
  return given(node, node.opType === 'Upsample' || node.opset < 11 ? 1 : 2)?.data;
}

/** Returns an optional input; undefined if it is omitted or empty. */
function given(node: NodeReader, i: number): HostTensor | undefined {
  const tensor = node.has(i) ? node.host(i) : undefined;
  return tensor && tensor.data.length > 0 ? tensor : undefined;
}

function byScale(from: number, scale: number): Scaling {
  return { from, to: Math.floor(from * scale), exact: from * scale };
}

function bySizes(
  node: NodeReader,
  own: readonly number[],
  axes: readonly number[],
  sizes: readonly number[],
  policy: string,
): readonly Scaling[] {
  if (policy === 'stretch') {
    const { declared } = node.frame.batch;
    return sizes.map((size, i) => {
      // The file was exported for another batch size, so the batch axis keeps its size.
      const isBatch = axes[i] === 0 && size === declared && !node.known(0);
      const to = isBatch ? own[i]! : size;
      return { from: own[i]!, to, exact: to };
    });
  }
  const ratios = sizes.map((size, i) => size / own[i]!);
  if (policy !== 'not_larger' && policy !== 'not_smaller') {
    throw node.fail(`unknown keep_aspect_ratio_policy ${policy}`);
  }
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return own.map((from) => ({ from, to: Math.floor(from * scale + 0.5), exact: from * scale }));
}
