// Tensors between the host and the device. TensorFlow.js may keep the array that it is given and hand out the one that it
// has, so both ways copy.
import type { Tensor, TensorType } from '@isonet/core';
import { asFloat32 } from '@isonet/core';
import { DeviceTensor } from './deviceTensor.ts';
import type { OpenProvider } from './providers.ts';

/** Makes the provider the current backend of TensorFlow.js, which new tensors and ops go to. */
export function enter({ tf, backendName }: OpenProvider): void {
  // It has been started before; then all of this happens at once, and the promise has nothing to tell.
  if (tf.getBackend() !== backendName) void tf.setBackend(backendName);
}

/** Disposes of every tensor that f makes and does not keep. Not tf.tidy: that walks through whatever f returns. */
export function scoped<T>({ tf }: OpenProvider, f: () => T): T {
  const engine = tf.engine();
  engine.startScope();
  try {
    return f();
  } finally {
    engine.endScope();
  }
}

/** A copy of host data on the device. uint32 is held as int32, bit for bit: TensorFlow.js has none. */
export function upload({ tf }: OpenProvider, tensor: Tensor): DeviceTensor {
  const shape = [...tensor.shape];
  if (tensor.dtype === 'bool') {
    return new DeviceTensor(tf, shape, tf.tensor(tensor.data.slice(), shape, 'bool'));
  }
  if (tensor.dtype === 'int32' || tensor.dtype === 'uint32') {
    return new DeviceTensor(tf, shape, tf.tensor(Int32Array.from(tensor.data), shape, 'int32'));
  }
  return new DeviceTensor(tf, shape, tf.tensor(asFloat32(tensor).slice(), shape, 'float32'));
}

/** A copy of a value that was made in row-major order, as the type says. */
export function download(value: DeviceTensor, { dtype, shape }: TensorType): Tensor {
  const data = value.full('rowMajor').dataSync();
  if (dtype === 'bool') return { dtype, shape, data: Uint8Array.from(data) };
  if (dtype === 'int32') return { dtype, shape, data: Int32Array.from(data) };
  if (dtype === 'uint32') return { dtype, shape, data: Uint32Array.from(data) };
  return { dtype: 'float32', shape, data: Float32Array.from(data) };
}
