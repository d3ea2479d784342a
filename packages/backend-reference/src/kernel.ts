// Kernels are functions from host tensors, floats as float64, to the data of their result.
import type {
  HostData,
  HostKernelTypes,
  Kernel as CoreKernel,
  OpName,
  Tensor,
  TensorType,
} from '@isonet/core';
import { GraphError, sizeOf, typeText, zeros } from '@isonet/core';

export type Kernel<K extends OpName> = CoreKernel<K, HostKernelTypes>;

/** The numbers of a value that is float32 in the graph. */
export function floats(tensor: Tensor): Float64Array {
  if (tensor.dtype === 'float64') return tensor.data;
  throw new GraphError(`expected float64 in place of float32, got ${typeText(tensor)}`);
}

/** Zeros for a float result. */
export function floatZeros({ shape }: TensorType): Float64Array {
  return new Float64Array(sizeOf(shape));
}

/** Zeros for a result of any dtype. */
export function empty(type: TensorType): HostData {
  return zeros(type, 'float64');
}

/** Into each position of y, the value of x that lies at the place given for it. */
export function gather<T extends HostData>(y: T, x: HostData, from: Int32Array): T {
  from.forEach((place, i) => (y[i] = x[place]!));
  return y;
}

/** Each value of x goes to the place in y that is given for it. */
export function scatter<T extends HostData>(y: T, x: HostData, to: Int32Array): T {
  to.forEach((place, i) => (y[place] = x[i]!));
  return y;
}

/** Each value of x is joined by `f` to what is at its place in y. */
export function joined(
  y: Float64Array,
  x: Float64Array,
  to: Int32Array,
  f: (old: number, x: number) => number,
): Float64Array {
  to.forEach((place, i) => (y[place] = f(y[place]!, x[i]!)));
  return y;
}
