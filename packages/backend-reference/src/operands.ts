// What a kernel is handed: its inputs as flat row-major arrays, and the type of its result.
import type { Shape, Tensor, TensorType } from '@isonet/core';
import { GraphError, sizeOf } from '@isonet/core';
import type { Data } from './values.ts';
import { allocate } from './values.ts';

export class Operands {
  /** Shape and dtype of the result. */
  readonly result: TensorType;
  readonly #inputs: readonly Tensor[];

  constructor(inputs: readonly Tensor[], result: TensorType) {
    this.#inputs = inputs;
    this.result = result;
  }

  shape(input: number): Shape {
    return this.#input(input).shape;
  }

  /** The numbers of an input that is float32 in the graph. */
  floats(input: number): Float64Array {
    const { dtype, data } = this.#input(input);
    if (dtype !== 'float64') throw new GraphError(`a kernel expected floats as input ${input}, got ${dtype}`);
    return data;
  }

  /** The numbers of an input of any dtype; bools are 0 and 1. */
  data(input: number): Data {
    const { dtype, data } = this.#input(input);
    if (dtype === 'float32') throw new GraphError(`input ${input} is float32; floats are held as float64`);
    return data;
  }

  /** Zeros for a float result. */
  zeros(): Float64Array {
    return new Float64Array(sizeOf(this.result.shape));
  }

  /** Zeros for a result of any dtype. */
  empty(): Data {
    return allocate(this.result);
  }

  #input(index: number): Tensor {
    const tensor = this.#inputs[index];
    if (!tensor) throw new GraphError(`a kernel asked for input ${index} of ${this.#inputs.length}`);
    return tensor;
  }
}
