// A value on the device. Images are NCHW in graphs and NHWC in TensorFlow.js, so a value keeps the layout that it was made
// in and gets its other layouts when somebody asks: a chain of convolutions and ReLUs is transposed at its two ends only.
import type { Shape } from '@isonet/core';
import { BackendError, dimOf, sameShape, shapeText } from '@isonet/core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf.ts';

/** Row-major is what graphs say; images are computed as NHWC, filters (OIHW in graphs) as HWIO. */
export type Layout = 'rowMajor' | 'nhwc' | 'hwio';

const permutations: Readonly<Record<Exclude<Layout, 'rowMajor'>, readonly number[]>> = {
  nhwc: [0, 2, 3, 1],
  hwio: [2, 3, 1, 0],
};

/** For each axis of the layout, which row-major axis it is. */
export function axesIn(layout: Layout, rank: number): readonly number[] {
  return layout === 'rowMajor' ? Array.from({ length: rank }, (_, axis) => axis) : permutations[layout];
}

export class DeviceTensor {
  /** As in the graph. */
  readonly shape: Shape;
  /** The layout that it was made in: a function of the graph alone, so sums may be ordered by it. */
  readonly layout: Layout;
  /** Whether the tensor is smaller than `shape`, with size 1 where values repeat: TensorFlow.js repeats as it computes. */
  readonly repeats: boolean;
  readonly #tf: Tf;
  readonly #forms: Map<Layout, Tensor>;

  /** @param tensor in `layout`, owned from now on; it has the shape, or 1 where the shape has more, or is a scalar */
  constructor(tf: Tf, shape: Shape, tensor: Tensor, layout: Layout = 'rowMajor') {
    this.#tf = tf;
    this.shape = shape;
    this.layout = layout;
    this.#forms = new Map([[layout, tf.keep(tensor)]]);
    this.repeats = !sameShape(tensor.shape, this.#shapeIn(layout));
  }

  /** The values in a layout, perhaps smaller than the shape where they repeat. Belongs to this value. */
  as(layout: Layout): Tensor {
    const known = this.#forms.get(layout);
    if (known) return known;
    if (layout === this.layout) {
      throw new BackendError(
        'DISPOSED',
        `tfjs: a value ${shapeText(this.shape)} is used after it was disposed of`,
      );
    }
    const from = this.as(layout === 'rowMajor' ? this.layout : 'rowMajor');
    if (from.rank === 0) return from; // One number is itself in every layout.
    const order = [...axesIn(layout === 'rowMajor' ? this.layout : layout, from.rank)];
    const permutation = layout === 'rowMajor' ? order.map((_, axis) => order.indexOf(axis)) : order;
    const tensor = this.#tf.keep(this.#tf.transpose(from, permutation));
    this.#forms.set(layout, tensor);
    return tensor;
  }

  /** All values in a layout. Belongs to this value, or to the tidy scope around. */
  full(layout: Layout): Tensor {
    const tensor = this.as(layout);
    if (!this.repeats) return tensor;
    // Not broadcastTo, which takes a hundred times as long on wasm; nor ones, which makes its numbers on the host.
    const { cast, fill, mul } = this.#tf;
    const numbers = tensor.dtype === 'bool' ? cast(tensor, 'int32') : tensor;
    const ones = fill([...this.#shapeIn(layout)], 1, numbers.dtype === 'int32' ? 'int32' : 'float32');
    const repeated = mul(ones, numbers);
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

  /** The same values, all of them, as if made in row-major order; transposing that was done already is kept. */
  settled(): DeviceTensor {
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

/** A layout for values that are computed with each other: what is not row-major stays as it is, what is small moves. */
export function sharedLayout(values: readonly DeviceTensor[]): Layout {
  const large = values.filter((value) => !value.repeats);
  const candidates = large.length > 0 ? large : values;
  return candidates.find(({ layout }) => layout !== 'rowMajor')?.layout ?? 'rowMajor';
}
