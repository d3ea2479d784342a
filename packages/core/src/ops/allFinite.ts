import type { Value } from '../graph/value.ts';
import { sizeOf, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Tests that every element of every input is finite, neither NaN nor infinite:
     * `xs: [...], [...], ... -> bool []`. No gradient flows through it.
     * @throws ShapeError without inputs, or if an input is not float32
     */
    readonly allFinite: Composite<readonly Value[]>;
  }
}

/**
 * A power of two, so that scaling is exact. Every finite float32 is below 2^128, so a sum of fewer than 2^80 scaled values
 * cannot overflow. Values that become subnormal or 0 stay finite.
 */
const SCALE = 2 ** -80;

export const allFinite: Definition<'allFinite'> = {
  kind: 'composite',
  inputs: ['...xs'],
  infer: (xs, _, fail) => {
    const other = xs.find(({ dtype }) => dtype !== 'float32');
    if (other) throw fail(`expected float32, got ${typeText(other)}`);
    return [{ dtype: 'bool', shape: [] }];
  },
  // Infinities and NaN survive sums; infinities of both signs add up to NaN.
  decompose: (b, xs) => {
    const sums = xs.map((x) => {
      const flat = b.op.reshape(x, { shape: [sizeOf(x.shape)] });
      return b.op.reduceSum(b.op.mul(flat, b.fill(SCALE, flat.shape)), { axes: [0] });
    });
    const total = sums.reduce((sum, next) => b.op.add(sum, next));
    return [b.op.isFinite(b.op.reshape(total, { shape: [] }))];
  },
};
