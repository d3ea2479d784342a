// A value on the device. Images are NCHW in graphs and NHWC in TensorFlow.js. A value keeps the layout in which it was computed, and
// is converted to other layouts on demand, so that a chain of convolutions and ReLUs is transposed only at its two ends.
import type { Shape } from '@isonet/core';
import { BackendError, dimOf, sameShape, shapeText } from '@isonet/core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf.ts';

/** The layout of a value: row-major as in graphs, NHWC for images, or HWIO for filters (OIHW in graphs). */
export type Layout = 'rowMajor' | 'nhwc' | 'hwio';

const permutations: Readonly<Record<Exclude<Layout, 'rowMajor'>, readonly number[]>> = {
  nhwc: [0, 2, 3, 1],
  hwio: [2, 3, 1, 0],
};

/** Returns the row-major axis of each axis of the layout. */
export function axesIn(layout: Layout, rank: number): readonly number[] {
  return layout === 'rowMajor' ? Array.from({ length: rank }, (_, axis) => axis) : permutations[layout];
}

export class DeviceTensor {
  /** The shape in the graph. */
  readonly shape: Shape;
  /** The layout in which the value was computed. It depends only on the graph, so the order of sums may depend on it. */
  readonly layout: Layout;
  /** Whether the tensor is smaller than `shape`, with size 1 along repeated axes: TensorFlow.js broadcasts as it computes. */
  readonly repeats: boolean;
  readonly #tf: Tf;
  readonly #forms: Map<Layout, Tensor>;

  /**
   * @param tensor in `layout`, with the value's shape, or with size 1 along repeated axes, or a scalar; owned by the new value
   */
  constructor(tf: Tf, shape: Shape, tensor: Tensor, layout: Layout = 'rowMajor') {
    this.#tf = tf;
    this.shape = shape;
    this.layout = layout;
    this.#forms = new Map([[layout, tf.keep(tensor)]]);
    this.repeats = !sameShape(tensor.shape, this.#shapeIn(layout));
  }

  /** Returns the tensor in a layout, possibly with size 1 along repeated axes. The value owns it. */
  as(layout: Layout): Tensor {
    const known = this.#forms.get(layout);
    if (known) return known;
    if (layout === this.layout) {
      throw new BackendError('DISPOSED', `tfjs: a value ${shapeText(this.shape)} is used after its disposal`);
    }
    const from = this.as(layout === 'rowMajor' ? this.layout : 'rowMajor');
    if (from.rank === 0) return from; // A scalar is the same in every layout.
    const order = [...axesIn(layout === 'rowMajor' ? this.layout : layout, from.rank)];
    const permutation = layout === 'rowMajor' ? order.map((_, axis) => order.indexOf(axis)) : order;
    const tensor = this.#tf.keep(this.#tf.transpose(from, permutation));
    this.#forms.set(layout, tensor);
    return tensor;
  }

  /** Returns the full tensor in a layout. The value or the enclosing tidy scope owns it. */
  full(layout: Layout): Tensor {
    const tensor = this.as(layout);
    if (!this.repeats) return tensor;
    // Avoids tf.broadcastTo, which takes a hundred times as long on wasm, and tf.ones, which creates its elements on
    // the host.
    const { cast, fill, mul } = this.#tf;
    const factor = tensor.dtype === 'bool' ? cast(tensor, 'int32') : tensor;
    const ones = fill([...this.#shapeIn(layout)], 1, factor.dtype === 'int32' ? 'int32' : 'float32');
    const repeated = mul(ones, factor);
    return tensor.dtype === 'bool' ? cast(repeated, 'bool') : repeated;
  }

  /** `[N, C, H, W] -> [N, H, W, C]` */
  image(): Tensor4D {
    return this.full('nhwc') as Tensor4D;
  }

  /** `[K, C / groups, KH, KW] -> [KH, KW, C / groups, K]` */
  filter(): Tensor4D {
    return this.full('hwio') as Tensor4D;
  }

  /** Returns a full copy whose own layout is row-major. Tensors that were already transposed to other layouts are kept. */
  rowMajorCopy(): DeviceTensor {
    const copy = new DeviceTensor(this.#tf, this.shape, this.full('rowMajor').clone());
    for (const [layout, tensor] of this.repeats ? [] : this.#forms) {
      if (layout !== 'rowMajor') copy.#forms.set(layout, this.#tf.keep(tensor.clone()));
    }
    return copy;
  }

  dispose(): void {
    for (const tensor of this.#forms.values()) tensor.dispose();
    this.#forms.clear();
  }

  #shapeIn(layout: Layout): Shape {
    return axesIn(layout, this.shape.length).map((axis) => dimOf(this.shape, axis));
  }
}

/**
 * Returns the layout in which to compute with several values: the layout of the first full value that is not
 * row-major, so that only small and row-major values are transposed.
 */
export function sharedLayout(values: readonly DeviceTensor[]): Layout {
  const large = values.filter((value) => !value.repeats);
  const candidates = large.length > 0 ? large : values;
  return candidates.find(({ layout }) => layout !== 'rowMajor')?.layout ?? 'rowMajor';
}
