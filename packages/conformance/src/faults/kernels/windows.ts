// Wrong convolutions and poolings.
import type { GraphBuilder, OpName, Value } from '@isonet/core';
import { float32, sizeOf } from '@isonet/core';
import type { Replace } from '../devices.ts';
import { operands, rising, rounded } from '../devices.ts';

/** `value` with 0 wherever `keep` is false. */
function masked(b: GraphBuilder, value: Value, keep: (index: number, lastAxis: number) => boolean): Value {
  const lastAxis = value.shape.at(-1) ?? 1;
  const mask = Array.from({ length: sizeOf(value.shape) }, (_, i) => Number(keep(i, lastAxis)));
  return b.op.mul(value, b.constant(float32(value.shape, mask)));
}

const convolutions: readonly OpName[] = ['conv2d', 'conv2dGradInput', 'conv2dGradFilter'];

export const wrongWindows: Readonly<Record<string, Replace>> = {
  'maxPool2dGrad: the last maximum': operands('maxPool2dGrad', (b, [x, ...rest]) =>
    x ? [rising(b, x), ...rest] : rest,
  ),
  'maxPool2d: padding by zeros': (b, node, [x]) => {
    if (node.op !== 'maxPool2d' || !x || node.attrs.pads.every((pad) => pad === 0)) return undefined;
    const y = b.op.maxPool2d(x, node.attrs);
    return [b.op.max(y, b.fill(0, y.shape))];
  },
  'conv2d: a dropped tap': operands('conv2d', (b, [x, w]) =>
    x && w ? [x, masked(b, w, (i) => (i + 1) % sizeOf(w.shape.slice(2)) !== 0)] : [],
  ),
  'conv2d: a shifted row': (b, node, [x, w]) => {
    if (node.op !== 'conv2d' || !x || !w) return undefined;
    const [top, left, bottom, right] = node.attrs.pads;
    return top === 0
      ? undefined
      : [b.op.conv2d(x, w, { ...node.attrs, pads: [top - 1, left, bottom + 1, right] })];
  },
  'conv2dGradFilter: the last column is left out': operands('conv2dGradFilter', (b, [x, dy]) =>
    x && dy ? [x, masked(b, dy, (i, width) => (i + 1) % width !== 0)] : [],
  ),
  'convolutions: inputs in TF32': (b, node, inputs) =>
    convolutions.includes(node.op)
      ? b.emit(
          node.op,
          inputs.map((input) => rounded(b, input, 11)),
          node.attrs,
        )
      : undefined,
  'avgPool2d: padding counts': (b, node, [x]) =>
    node.op === 'avgPool2d' && x ? [b.op.avgPool2d(x, { ...node.attrs, countPadding: true })] : undefined,
  'maxPool2dGather: the last maximum': operands('maxPool2dGather', (b, [x, ...rest]) =>
    x ? [rising(b, x), ...rest] : rest,
  ),
  'maxPool2dGather: the first pixel': operands('maxPool2dGather', (b, [x, ...rest]) =>
    x ? [b.fill(0, x.shape), ...rest] : rest,
  ),
};
