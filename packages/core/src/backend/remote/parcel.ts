// Prepares tensors for a port. Each tensor is copied into a new buffer, which is then transferred. Without
// the copy, posting a view would clone its entire buffer, and transferring that buffer would detach all other
// views of it; shared memory would stay shared.
import { DataError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Tensor, Tensors } from '../../tensor.ts';
import { typeText } from '../../tensor.ts';

/** The tensors of one message. */
export class Parcel {
  /** The buffers of all copies so far, to transfer with the message. */
  readonly buffers: ArrayBuffer[] = [];

  tensors(tensors: Tensors): Tensors {
    return Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, this.#tensor(name, tensor)]),
    );
  }

  /** Returns the graph with copies of its constants. */
  graph(graph: Graph): Graph {
    const constants = graph.constants.map(({ value, data }) => ({
      value,
      data: this.#tensor(`constant %${value}`, data),
    }));
    return { ...graph, constants };
  }

  #tensor(name: string, tensor: Tensor): Tensor {
    const shape = [...tensor.shape];
    switch (tensor.dtype) {
      case 'float32':
        return { dtype: tensor.dtype, shape, data: this.#own(new Float32Array(tensor.data)) };
      case 'float64':
        return { dtype: tensor.dtype, shape, data: this.#own(new Float64Array(tensor.data)) };
      case 'int32':
        return { dtype: tensor.dtype, shape, data: this.#own(new Int32Array(tensor.data)) };
      case 'uint32':
        return { dtype: tensor.dtype, shape, data: this.#own(new Uint32Array(tensor.data)) };
      case 'bool':
        return { dtype: tensor.dtype, shape, data: this.#own(new Uint8Array(tensor.data)) };
      default:
        throw new DataError('TYPE', `"${name}": ${typeText(tensor)} does not have a tensor dtype`);
    }
  }

  #own<T extends { readonly buffer: ArrayBuffer }>(array: T): T {
    this.buffers.push(array.buffer);
    return array;
  }
}
