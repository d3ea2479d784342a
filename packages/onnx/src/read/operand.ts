// The operands of nodes while a network is built: a value of the graph, or a tensor that is already known.
import type { Shape } from '@isonet/core';
import { Value } from '@isonet/core';
import type { HostTensor, Kind } from './hostTensor.ts';

/** An initializer that may become a parameter, and the ops from the parameter to the operand: a transpose, for example. */
export interface Stored {
  /** The initializer's name in the file. */
  readonly name: string;
  /** The tensor as stored in the file. */
  readonly tensor: HostTensor;
  readonly through: (parameter: Value) => Value;
}

/** A tensor that is known while the network is built. */
export class Known {
  readonly tensor: HostTensor;
  /** The learnable float initializer, possibly rearranged, that this tensor holds; undefined for other tensors. */
  readonly stored: Stored | undefined;

  constructor(tensor: HostTensor, stored?: Stored) {
    this.tensor = tensor;
    this.stored = stored;
  }
}

/** A value of the graph, or a tensor that is already known. */
export type Operand = Value | Known;

/** Returns the shape of an operand. */
export function shapeOf(operand: Operand): Shape {
  return operand instanceof Value ? operand.shape : operand.tensor.shape;
}

/** Returns the kind of an operand's elements. */
export function kindOfOperand(operand: Operand): Kind {
  if (operand instanceof Known) return operand.tensor.kind;
  if (operand.dtype === 'bool') return 'bool';
  return operand.dtype === 'float32' ? 'float' : 'int';
}
