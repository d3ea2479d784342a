// Tensors to and from ONNX Runtime's own, and its messages in one line. Runs in Node and in browsers.
import type { Tensor, TensorType } from '@isonet/core';
import { asFloat32, BackendError, messageOf } from '@isonet/core';
import type { OrtTensor } from './sessions.ts';

/** @param Ort the class of ONNX Runtime's tensors */
export function toOrt(Ort: typeof OrtTensor, tensor: Tensor): OrtTensor {
  const { dtype, shape } = tensor;
  if (dtype === 'int32') return new Ort(dtype, unshared(tensor.data), shape);
  if (dtype === 'uint32') return new Ort(dtype, unshared(tensor.data), shape);
  if (dtype === 'bool') return new Ort(dtype, unshared(tensor.data), shape);
  return new Ort('float32', unshared(asFloat32(tensor)), shape);
}

/** ONNX Runtime refuses memory that threads share: a copy of it. */
function unshared<T extends Float32Array | Int32Array | Uint32Array | Uint8Array>(data: T): T {
  // A page that is not cross-origin isolated has no such memory.
  const isShared = typeof SharedArrayBuffer === 'function' && data.buffer instanceof SharedArrayBuffer;
  return isShared ? (data.slice() as T) : data;
}

/** A result over the very memory that it came in. @throws BackendError when it is not what the graph declares */
export function fromOrt(value: OrtTensor | undefined, { dtype, shape }: TensorType, name: string): Tensor {
  const data = value?.data;
  if (dtype === 'float32' && data instanceof Float32Array) return { dtype, shape, data };
  if (dtype === 'int32' && data instanceof Int32Array) return { dtype, shape, data };
  if (dtype === 'uint32' && data instanceof Uint32Array) return { dtype, shape, data };
  if (dtype === 'bool' && data instanceof Uint8Array) return { dtype, shape, data };
  throw new BackendError(
    'OUTPUT',
    `onnx: "${name}" came back as ${value?.type ?? 'nothing'}, expected ${dtype}`,
  );
}

/** What was thrown, in one line: the library's messages go on for several. */
export function firstLine(error: unknown): string {
  return messageOf(error)
    .trim()
    .replace(/\n[^]*/, '');
}
