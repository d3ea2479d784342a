// globalAvgPool2d(x): the mean of each channel over its pixels. `x: [N, C, H, W] -> [N, C, 1, 1]`
import type { Value } from '../builder.ts';
import type { Composite, NoAttrs } from './definition.ts';
import { rank4 } from './window.ts';

export const globalAvgPool2d: Composite<NoAttrs, [x: Value]> = {
  kind: 'composite',
  inputs: ['x'],
  infer: ([x], _, fail) => {
    const [n, c] = rank4(x, 'images float32 [N, C, H, W]', fail);
    return [{ dtype: 'float32', shape: [n, c, 1, 1] }];
  },
  decompose: (b, [x]) => {
    const sum = b.op.reduceSum(x, { axes: [2, 3] });
    return [b.op.div(sum, b.fill(pixels(x), sum.shape))];
  },
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => {
    const share = b.op.div(dy, b.fill(pixels(x), dy.shape));
    return [b.op.broadcast(share, { shape: x.shape })];
  },
};

function pixels(x: Value): number {
  return (x.shape[2] ?? 1) * (x.shape[3] ?? 1);
}
