// Transfers tensors between the host and the device. Both directions copy, because TensorFlow.js may keep the array
// that it receives, and may return its own array.
import type { SyncMemory, Tensor, TensorType } from '@isonet/core';
import { asFloat32 } from '@isonet/core';
import { DeviceTensor } from './deviceTensor.ts';
import type { OpenProvider } from './providers/provider.ts';
import { enter } from './tf.ts';
import type { Tf } from './tf.ts';

export function memoryOf(provider: OpenProvider): SyncMemory<DeviceTensor> {
  const free = (values: readonly DeviceTensor[]): void => values.forEach((value) => value.dispose());
  return {
    upload: (tensors) => {
      enter(provider);
      const values: DeviceTensor[] = [];
      try {
        for (const { tensor } of tensors) values.push(uploaded(provider.tf, tensor));
        return values;
      } catch (error) {
        free(values);
        throw error;
      }
    },
    download: async (entries) => {
      const tensors = Object.fromEntries(entries.map(({ name, type, handle }) => [name, host(handle, type)]));
      await turn();
      return tensors;
    },
    free,
  };
}

/**
 * Yields to the event loop once. TensorFlow.js computes synchronously, so signals and timers would starve in a loop
 * that awaits only settled promises.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Uploads a tensor. A uint32 is stored as int32, bit for bit, because TensorFlow.js has no uint32. */
function uploaded(tf: Tf, tensor: Tensor): DeviceTensor {
  const shape = [...tensor.shape];
  switch (tensor.dtype) {
    case 'bool':
      return new DeviceTensor(tf, shape, tf.tensor(tensor.data.slice(), shape, 'bool'));
    case 'int32':
    case 'uint32':
      return new DeviceTensor(tf, shape, tf.tensor(Int32Array.from(tensor.data), shape, 'int32'));
    default:
      return new DeviceTensor(tf, shape, tf.tensor(asFloat32(tensor).slice(), shape, 'float32'));
  }
}

/** Copies a value to the host, in row-major order and with the given type. */
function host(value: DeviceTensor, { dtype, shape }: TensorType): Tensor {
  const data = value.full('rowMajor').dataSync();
  switch (dtype) {
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(data) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from(data) };
    case 'uint32':
      return { dtype, shape, data: Uint32Array.from(data) };
    default:
      return { dtype: 'float32', shape, data: Float32Array.from(data) };
  }
}
