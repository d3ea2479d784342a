import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { shape4 } from '../tensor.ts';
import { rank4 } from './window.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Mean of each channel over its pixels: `x: [N, C, H, W] -> [N, C, 1, 1]` (Lin, Chen and Yan 2013, section 3.2).
     * @throws ShapeError unless x is float32 `[N, C, H, W]`
     */
    readonly globalAvgPool2d: Composite<[x: Value]>;
  }
}

export const globalAvgPool2d: Definition<'globalAvgPool2d'> = {
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
  const [, , height, width] = shape4(x.shape);
  return height * width;
}
