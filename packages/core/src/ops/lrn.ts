import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { rank4 } from './window.ts';

/** The attributes of {@link lrn}. */
export type LrnAttrs = {
  /** The number of adjacent channels in the sum. */
  readonly size: number;
  /** The factor of the sum of squares. It is divided by `size`, as in ONNX but not in the paper. */
  readonly alpha: number;
  /** The exponent. */
  readonly beta: number;
  /** The constant added to the sum before the power, k in the paper. */
  readonly bias: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Local response normalization across channels (Krizhevsky et al. 2012, section 3.3), in ONNX's form:
     * `x: [N, C, H, W] -> [N, C, H, W]`.
     *
     * `y = x / (bias + alpha / size * s)^beta`, where s is the sum of x^2 over the existing channels among `c - floor((size -
     * 1) / 2) .. c + ceil((size - 1) / 2)`.
     * @throws ShapeError unless x is float32 `[N, C, H, W]` and `size` is an integer of at least 1
     */
    readonly lrn: Composite<[x: Value], LrnAttrs>;
  }
}

export const lrn: Definition<'lrn'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: ([x], { size }, fail) => {
    rank4(x, 'images float32 [N, C, H, W]', fail);
    if (!Number.isInteger(size) || size < 1) throw fail(`size must be an integer of at least 1, got ${size}`);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x], { size, alpha, beta, bias }) => {
    const { shape } = x;
    const before = Math.floor((size - 1) / 2);
    const squares = b.op.pad(b.op.mul(x, x), {
      before: [0, before, 0, 0],
      after: [0, size - 1 - before, 0, 0],
      value: 0,
    });
    const shifts = Array.from({ length: size }, (_, shift) =>
      b.op.slice(squares, { starts: [0, shift, 0, 0], sizes: shape }),
    );
    const sum = shifts.reduce((total, shift) => b.op.add(total, shift));
    const base = b.op.add(b.op.mul(sum, b.fill(alpha / size, shape)), b.fill(bias, shape));
    // Computes base^-beta as exp(-beta * log(base)), because base is positive.
    const factor = b.op.exp(b.op.mul(b.op.log(base), b.fill(-beta, shape)));
    return [b.op.mul(x, factor)];
  },
};
