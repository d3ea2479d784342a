// Converts tensors to and from ONNX Runtime's class, and shortens the library's messages to one line. Runs in Node and in browsers.
import type { Tensor, TensorType } from '@isonet/core';
import { asFloat32, BackendError, messageOf } from '@isonet/core';
import type { OrtTensor } from './sessions.ts';

/** Converts a tensor. @param Ort the class of ONNX Runtime's tensors */
export function toOrt(Ort: typeof OrtTensor, tensor: Tensor): OrtTensor {
  const { dtype, shape } = tensor;
  if (dtype === 'int32') return new Ort(dtype, unshared(tensor.data), shape);
  if (dtype === 'uint32') return new Ort(dtype, unshared(tensor.data), shape);
  if (dtype === 'bool') return new Ort(dtype, unshared(tensor.data), shape);
  return new Ort('float32', unshared(asFloat32(tensor)), shape);
}

/** Returns the data, or a copy if it is in shared memory, which ONNX Runtime rejects. */
function unshared<T extends Float32Array | Int32Array | Uint32Array | Uint8Array>(data: T): T {
  // A page that is not cross-origin isolated has no SharedArrayBuffer.
  const isShared = typeof SharedArrayBuffer === 'function' && data.buffer instanceof SharedArrayBuffer;
  return isShared ? (data.slice() as T) : data;
}

/**
 * Converts a result without copying its memory.
 * @throws BackendError if its type differs from the type that the graph declares
 */
export function fromOrt(value: OrtTensor | undefined, { dtype, shape }: TensorType, name: string): Tensor {
  const data = value?.data;
  if (dtype === 'float32' && data instanceof Float32Array) return { dtype, shape, data };
  if (dtype === 'int32' && data instanceof Int32Array) return { dtype, shape, data };
  if (dtype === 'uint32' && data instanceof Uint32Array) return { dtype, shape, data };
  if (dtype === 'bool' && data instanceof Uint8Array) return { dtype, shape, data };
  throw new BackendError(
    'OUTPUT',
    `onnx: "${name}": expected ${dtype} from ONNX Runtime, got ${value?.type ?? 'nothing'}`,
  );
}

/** Returns the first line of an error's message: the library's messages may have several lines. */
export function firstLine(error: unknown): string {
  return messageOf(error)
    .trim()
    .replace(/\n[^]*/, '');
}
