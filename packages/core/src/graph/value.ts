import type { DType, Shape, TensorType } from '../tensor.ts';

/** A value of a graph under construction: the operands and results of layers and ops. */
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
