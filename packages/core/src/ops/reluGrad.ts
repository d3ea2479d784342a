import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gradient of `relu` with respect to its input: dy where y > 0, otherwise 0.
     * `y: [...], dy: [...] -> [...]`, where `y = relu(x)`; passing x instead of y yields the same result. A
     * kernel may multiply dy by 0 where y is not positive, so an infinite or NaN dy may become NaN there.
     * @throws ShapeError unless y and dy are float32 of the same shape
     */
    readonly reluGrad: Composite<[y: Value, dy: Value]>;
  }
}

export const reluGrad: Definition<'reluGrad'> = {
  kind: 'composite',
  inputs: ['y', 'dy'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  decompose: (b, [y, dy]) => {
    const zeros = b.fill(0, y.shape);
    return [b.op.select(b.op.greater(y, zeros), dy, zeros)];
  },
};
