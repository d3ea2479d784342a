// How the toy holds values: in host memory, floats as float32. A held array is never written to again, so values may share
// it; what comes from outside or goes there is copied.
import type { DType, Tensor, Tensors, TensorType } from '@isonet/core';
import { sizeOf } from '@isonet/core';

export type Data = Tensor['data'];

const arrays: Readonly<Record<DType, new (length: number) => Data>> = {
  float32: Float32Array,
  float64: Float32Array, // What the reference returns for float32: it is rounded.
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
};

export function zeros({ dtype, shape }: TensorType): Data {
  return new arrays[dtype](sizeOf(shape));
}

export function tensorOf({ dtype, shape }: TensorType, data: Data): Tensor {
  return { dtype: dtype === 'float64' ? 'float32' : dtype, shape, data } as Tensor; // The data are of this dtype.
}

export function copied(tensor: Tensor): Tensor {
  const data = zeros(tensor);
  data.set(tensor.data);
  return tensorOf(tensor, data);
}

/** Copies of the tensors of these names, which are all there. */
export function copies(tensors: Tensors, names: readonly string[]): Tensors {
  return Object.fromEntries(names.map((name) => [name, copied(tensors[name]!)]));
}
