import type { Value } from '../graph/value.ts';
import { dimOf, sameShape, sizeOf, typeText } from '../tensor.ts';
import type { Shape } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';

/** The attributes of {@link gather}. */
export type GatherAttrs = {
  /** The axis of x that the indices refer to, counted from 0; never negative. */
  readonly axis: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Picks entries along an axis, in any order and with repetition:
     * `x: [..., D, ...], indices: int32 [n] -> [..., n, ...]`, where y[.., i, ..] = x[.., indices[i], ..].
     *
     * An index outside 0..D-1 yields zeros. An entry's gradient is the sum of the gradients of its copies.
     *
     * The decomposition multiplies x by rows of `oneHot`, which is exact for finite x. An infinity or NaN in x turns every
     * result on its line along the axis into NaN (0 times infinity). A kernel may copy instead: then only the copies of that
     * entry are non-finite.
     * @throws ShapeError unless x is float32 and has the axis, and indices is int32 `[n]`
     */
    readonly gather: Composite<[x: Value, indices: Value], GatherAttrs>;
  }
}

export const gather: Definition<'gather'> = {
  kind: 'composite',
  inputs: ['x', 'indices'],
  infer: ([x, indices], { axis }, fail) => {
    const [n] = indices.shape;
    if (indices.dtype !== 'int32' || indices.shape.length !== 1 || n === undefined) {
      throw fail(`expected indices int32 [n], got ${typeText(indices)}`);
    }
    if (x.dtype !== 'float32' || x.shape[axis] === undefined) {
      throw fail(`expected x float32 with an axis ${axis}, got ${typeText(x)}`);
    }
    return [{ dtype: 'float32', shape: x.shape.with(axis, n) }];
  },
  decompose: (b, [x, indices], { axis }) => {
    const picks = b.op.oneHot(indices, { depth: dimOf(x.shape, axis) });
    return [productAlong(b, x, axis, picks, false)];
  },
  gradient: ({ b, inputs: [x, indices], attrs: { axis }, outputGradients: [dy] }) => {
    const picks = b.op.oneHot(indices, { depth: dimOf(x.shape, axis) });
    return [productAlong(b, dy, axis, picks, true), undefined];
  },
};

/**
 * Multiplies a matrix by each line of x along an axis: `x: [..., D, ...], m: [n, D] -> [..., n, ...]`; with m transposed, `x:
 * [..., n, ...] -> [..., D, ...]`. The other axes keep their order, so the images of a batch stay separate.
 */
function productAlong(b: Build, x: Value, axis: number, m: Value, transposed: boolean): Value {
  const from = dimOf(x.shape, axis);
  const others = sizeOf(x.shape) / from;
  const shape = x.shape.with(axis, dimOf(m.shape, transposed ? 1 : 0));
  if (axis === 0) {
    const columns = shaped(b, x, [from, others]);
    return shaped(b, b.op.matMul(m, columns, { transposeA: transposed, transposeB: false }), shape);
  }
  const order = [...x.shape.keys()].toSpliced(axis, 1);
  order.push(axis);
  const rows = shaped(b, permuted(b, x, order), [others, from]);
  const product = b.op.matMul(rows, m, { transposeA: false, transposeB: !transposed });
  const back = [...shape.keys()].map((at) => order.indexOf(at));
  return permuted(
    b,
    shaped(
      b,
      product,
      order.map((at) => dimOf(shape, at)),
    ),
    back,
  );
}

function shaped(b: Build, x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : b.op.reshape(x, { shape });
}

function permuted(b: Build, x: Value, permutation: readonly number[]): Value {
  return permutation.every((from, to) => from === to) ? x : b.op.transpose(x, { permutation });
}
