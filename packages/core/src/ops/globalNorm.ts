import type { Value } from '../graph/value.ts';
import { sizeOf, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * L2 norm over all inputs, the square root of the sum of all squares: `xs: [...], [...], ... -> []`.
     * @throws ShapeError without inputs, or if an input is not float32
     */
    readonly globalNorm: Composite<readonly Value[]>;
  }
}

export const globalNorm: Definition<'globalNorm'> = {
  kind: 'composite',
  inputs: ['...xs'],
  infer: (xs, _, fail) => {
    const other = xs.find(({ dtype }) => dtype !== 'float32');
    if (other) throw fail(`expected float32, got ${typeText(other)}`);
    return [{ dtype: 'float32', shape: [] }];
  },
  decompose: (b, xs) => {
    const sums = xs.map((x) => {
      const flat = b.op.reshape(x, { shape: [sizeOf(x.shape)] });
      return b.op.reduceSum(b.op.mul(flat, flat), { axes: [0] });
    });
    const total = sums.reduce((sum, next) => b.op.add(sum, next));
    return [b.op.reshape(b.op.sqrt(total), { shape: [] })];
  },
};
