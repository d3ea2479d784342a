import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

/** The attributes of {@link hardSigmoid}. */
export type HardSigmoidAttrs = {
  /** The slope between the corners. */
  readonly alpha: number;
  /** The value at x = 0. */
  readonly beta: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise `alpha * x + beta` limited to 0..1 (ONNX's HardSigmoid): `x: [...] -> [...]`. At the two corners the
     * gradient is 0.
     * @throws ShapeError unless x is float32
     */
    readonly hardSigmoid: Composite<[x: Value], HardSigmoidAttrs>;
  }
}

export const hardSigmoid: Definition<'hardSigmoid'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  // The constants are the first operands, which receive the gradient of a tie.
  decompose: (b, [x], { alpha, beta }) => {
    const line = b.op.add(b.op.mul(x, b.fill(alpha, x.shape)), b.fill(beta, x.shape));
    return [b.op.min(b.fill(1, x.shape), b.op.max(b.fill(0, x.shape), line))];
  },
  gradient: ({ b, outputs: [y], attrs: { alpha }, outputGradients: [dy] }) => {
    const zeros = b.fill(0, y.shape);
    const rising = b.op.select(b.op.greater(y, zeros), b.op.mul(dy, b.fill(alpha, y.shape)), zeros);
    return [b.op.select(b.op.greater(b.fill(1, y.shape), y), rising, zeros)];
  },
};
