// A value of a graph under construction: what layers and ops pass around.
import type { DType, Shape, TensorType } from '../tensor.ts';

/** A value of the graph that is being built. */
export class Value implements TensorType {
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;

  constructor(id: number, { dtype, shape }: TensorType) {
    this.id = id;
    this.dtype = dtype;
    this.shape = shape;
  }
}
