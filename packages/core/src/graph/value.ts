import type { DType, Shape, TensorType } from '../tensor.ts';

/** A value of a graph under construction: an operand or a result of a layer or an op. */
export class Value implements TensorType {
  /** Its index in `Graph.values`. */
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;

  constructor(id: number, { dtype, shape }: TensorType) {
    this.id = id;
    this.dtype = dtype;
    this.shape = shape;
  }
}
