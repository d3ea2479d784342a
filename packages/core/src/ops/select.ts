import type { Value } from '../graph/value.ts';
import { sameShape, typeText } from '../tensor.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise choice: x where the condition is true, otherwise y.
     * `condition: bool [...], x: [...], y: [...] -> [...]`, all of the same shape. The value that is not
     * chosen has no influence, even if it is NaN.
     * @throws ShapeError unless x and y are float32 of the same shape and the condition is bool of that shape
     */
    readonly select: Primitive<[condition: Value, x: Value, y: Value]>;
  }
}

export const select: Definition<'select'> = {
  kind: 'primitive',
  inputs: ['condition', 'x', 'y'],
  infer: ([condition, x, y], _, fail) => {
    const type = sameFloat([x, y], fail);
    if (condition.dtype !== 'bool' || !sameShape(condition.shape, type.shape)) {
      throw fail(`expected a condition bool [${type.shape.join(', ')}], got ${typeText(condition)}`);
    }
    return [type];
  },
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, inputs: [condition], outputGradients: [dz] }) => {
    const zeros = b.fill(0, dz.shape);
    return [undefined, b.op.select(condition, dz, zeros), b.op.select(condition, zeros, dz)];
  },
};
