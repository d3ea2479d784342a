// The kernel type and its helpers. A kernel is a function from host tensors, whose floats are float64, to the data of its result.
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

/** Returns the float64 data of a tensor that is float32 in the graph. */
export function floats(tensor: Tensor): Float64Array {
  if (tensor.dtype === 'float64') return tensor.data;
  throw new GraphError(`expected a float64 tensor for a float32 value of the graph, got ${typeText(tensor)}`);
}

/** Allocates the zero-filled data of a float result. */
export function floatZeros({ shape }: TensorType): Float64Array {
  return new Float64Array(sizeOf(shape));
}

/** Allocates the zero-filled data of a result of any dtype. */
export function zerosOf(type: TensorType): HostData {
  return zeros(type, 'float64');
}

/** Fills y by position: y[i] = x[from[i]]. */
export function gather<T extends HostData>(y: T, x: HostData, from: Int32Array): T {
  from.forEach((position, i) => (y[i] = x[position]!));
  return y;
}

/** Copies each element of x to its position in y: y[to[i]] = x[i]. */
export function scatter<T extends HostData>(y: T, x: HostData, to: Int32Array): T {
  to.forEach((position, i) => (y[position] = x[i]!));
  return y;
}

/** Combines each element of x with the element at its position in y: y[to[i]] = f(y[to[i]], x[i]). */
export function scatterReduce(
  y: Float64Array,
  x: Float64Array,
  to: Int32Array,
  f: (old: number, x: number) => number,
): Float64Array {
  to.forEach((position, i) => (y[position] = f(y[position]!, x[i]!)));
  return y;
}
