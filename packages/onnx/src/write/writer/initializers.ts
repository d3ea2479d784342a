// Collects the initializers of a model: weights, each under its own name, and constants, stored once per distinct content.
import type { OnnxTensor } from './encode.ts';
import type { Names } from './names.ts';

export class Initializers {
  readonly all: OnnxTensor[] = [];
  /** The names of the initializers that are weights. */
  readonly weights: Set<string> = new Set();
  readonly #constants: OnnxTensor[] = [];
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** Adds a weight under its own name, even if another tensor has the same data. */
  addWeight(tensor: OnnxTensor): string {
    this.all.push(tensor);
    this.weights.add(tensor.name);
    return tensor.name;
  }

  /** Adds a constant. @param tensor its name is ignored @returns the name of the constant with the same data */
  constant(tensor: OnnxTensor): string {
    const same = this.#constants.find((other) => sameData(other, tensor));
    if (same) return same.name;
    const named = { ...tensor, name: this.#names.unique('constant') };
    this.#constants.push(named);
    this.all.push(named);
    return named.name;
  }
}

function sameData(a: OnnxTensor, b: OnnxTensor): boolean {
  return (
    a.elementType === b.elementType &&
    a.bytes.length === b.bytes.length &&
    a.dims.length === b.dims.length &&
    a.dims.every((dim, axis) => dim === b.dims[axis]) &&
    a.bytes.every((byte, i) => byte === b.bytes[i])
  );
}
