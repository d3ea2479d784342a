// Transfers tensors to the device and back. On the device every element takes 32 bits: a bool is a u32 on the device
// and a byte on the host.
import type { Tensor, Tensors, TensorType } from '@isonet/core';
import { asFloat32, defined, sizeOf } from '@isonet/core';

/** Writes a tensor into its buffer, in queue order. The tensor is copied before the function returns. */
export function upload(queue: GPUQueue, buffer: GPUBuffer, tensor: Tensor): void {
  queue.writeBuffer(buffer, 0, deviceData(tensor));
}

function deviceData(tensor: Tensor): GPUAllowSharedBufferSource {
  if (tensor.dtype === 'bool') return Uint32Array.from(tensor.data);
  if (tensor.dtype === 'float64' || tensor.dtype === 'float32') return asFloat32(tensor);
  return tensor.data;
}

export interface NamedType {
  readonly name: string;
  readonly type: TensorType;
}

/** The layout of a readback buffer: several tensors in one buffer, one after the other. */
export class Readback {
  readonly bytes: number;
  readonly #slices: readonly (NamedType & { readonly offset: number; readonly bytes: number })[];

  constructor(types: readonly NamedType[]) {
    let offset = 0;
    this.#slices = types.map(({ name, type }) => {
      const slice = { name, type, offset, bytes: 4 * sizeOf(type.shape) };
      offset += slice.bytes;
      return slice;
    });
    this.bytes = offset;
  }

  /** Encodes the copies into the staging buffer. @param sources the tensors' buffers, in the order of the types */
  copy(encoder: GPUCommandEncoder, sources: readonly GPUBuffer[], staging: GPUBuffer): void {
    this.#slices.forEach(({ name, offset, bytes }, i) => {
      const source = defined(sources[i], `the buffer of "${name}"`);
      encoder.copyBufferToBuffer(source, 0, staging, offset, bytes);
    });
  }

  /** Copies the tensors with these names out of mapped memory; default: all of them. */
  tensors(mapped: ArrayBuffer, names?: readonly string[]): Tensors {
    const picked = names ? this.#slices.filter(({ name }) => names.includes(name)) : this.#slices;
    return Object.fromEntries(
      picked.map(({ name, type, offset, bytes }) => [
        name,
        hostTensor(type, mapped.slice(offset, offset + bytes)),
      ]),
    );
  }
}

function hostTensor({ dtype, shape }: TensorType, bytes: ArrayBuffer): Tensor {
  switch (dtype) {
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(new Uint32Array(bytes)) };
    case 'int32':
      return { dtype, shape, data: new Int32Array(bytes) };
    case 'uint32':
      return { dtype, shape, data: new Uint32Array(bytes) };
    default: // Graphs contain no float64.
      return { dtype: 'float32', shape, data: new Float32Array(bytes) };
  }
}
