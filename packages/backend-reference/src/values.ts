// How values are held: core's tensors, with float64 in place of float32. Held arrays are never written to after they are
// made, so values may share them; whatever enters or leaves is copied.
import type { DType, Tensor, TensorType } from '@isonet/core';
import { sizeOf } from '@isonet/core';

export type Data = Float64Array | Int32Array | Uint32Array | Uint8Array;

const arrays: Readonly<Record<DType, new (length: number) => Data>> = {
  float32: Float64Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
};

/** Zeros for a value of this type. */
export function allocate({ dtype, shape }: TensorType): Data {
  return new arrays[dtype](sizeOf(shape));
}

/** An array that {@link allocate} made for this type, as a tensor. */
export function tensorOf({ dtype, shape }: TensorType, data: Data): Tensor {
  // The array is of the declared dtype by construction; TypeScript cannot tie the two together here.
  return { dtype: dtype === 'float32' ? 'float64' : dtype, shape, data } as Tensor;
}

/** A copy of a tensor that comes from outside or goes there. */
export function copied(tensor: Tensor): Tensor {
  const data = allocate(tensor);
  data.set(tensor.data);
  return tensorOf(tensor, data);
}

/** The type in the graph of a value that is held: float32 where float64 is held. */
export function declaredType({ dtype, shape }: Tensor): TensorType {
  return { dtype: dtype === 'float64' ? 'float32' : dtype, shape };
}
