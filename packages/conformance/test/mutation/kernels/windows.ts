// Wrong convolutions and poolings.
import type { GraphBuilder, OpName, Value } from '@isonet/core';
import { float32, shape4, sizeOf } from '@isonet/core';
import type { Replace } from '../devices.ts';
import { instead, operands, rising, rounded } from '../devices.ts';

/** `value` with 0 wherever `keep` is false. */
function masked(b: GraphBuilder, value: Value, keep: (index: number) => boolean): Value {
  const mask = Array.from({ length: sizeOf(value.shape) }, (_, i) => Number(keep(i)));
  return b.op.mul(value, b.constant(float32(value.shape, mask)));
}

const convolutions: readonly OpName[] = ['conv2d', 'conv2dGradInput', 'conv2dGradFilter'];

export const wrongWindows: Readonly<Record<string, Replace>> = {
  'maxPool2dGrad: the last maximum': operands('maxPool2dGrad', (b, [x, ...rest]) => [rising(b, x), ...rest]),
  'maxPool2d: padding by zeros': instead('maxPool2d', (b, [x], { attrs }) => {
    if (attrs.pads.every((pad) => pad === 0)) return undefined;
    const y = b.op.maxPool2d(x, attrs);
    return [b.op.max(y, b.fill(0, y.shape))];
  }),
  'conv2d: a dropped tap': operands('conv2d', (b, [x, w]) => {
    const [, , height, width] = shape4(w.shape);
    return [x, masked(b, w, (i) => (i + 1) % (height * width) !== 0)];
  }),
  'conv2d: a shifted row': instead('conv2d', (b, [x, w], { attrs }) => {
    const [top, left, bottom, right] = attrs.pads;
    if (top === 0) return undefined;
    return [b.op.conv2d(x, w, { ...attrs, pads: [top - 1, left, bottom + 1, right] })];
  }),
  'conv2dGradFilter: the last column is left out': operands('conv2dGradFilter', (b, [x, dy]) => {
    const [, , , width] = shape4(dy.shape);
    return [x, masked(b, dy, (i) => (i + 1) % width !== 0)];
  }),
  'convolutions: inputs in TF32': (b, node, inputs) =>
    convolutions.includes(node.op)
      ? b.emit(
          node.op,
          inputs.map((input) => rounded(b, input, 11)),
          node.attrs,
        )
      : undefined,
  'avgPool2d: padding counts': instead('avgPool2d', (b, [x], { attrs }) => [
    b.op.avgPool2d(x, { ...attrs, countPadding: true }),
  ]),
  'maxPool2dGather: the last maximum': operands('maxPool2dGather', (b, [x, ...rest]) => [
    rising(b, x),
    ...rest,
  ]),
  'maxPool2dGather: the first pixel': operands('maxPool2dGather', (b, [x, ...rest]) => [
    b.fill(0, x.shape),
    ...rest,
  ]),
};
