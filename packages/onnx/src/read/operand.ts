// What the name of a value stands for while a network is built: a value of the graph, or a tensor that is already known.
import type { Shape } from '@isonet/core';
import { Value } from '@isonet/core';
import type { HostTensor, Kind } from './hostTensor.ts';

/** An initializer that may become a parameter, and how its value becomes the operand's: transposed, say. */
export interface Stored {
  /** The initializer's name in the file. */
  readonly name: string;
  /** As the file has it. */
  readonly tensor: HostTensor;
  readonly through: (parameter: Value) => Value;
}

/** A tensor that is known while the network is built. */
export class Known {
  readonly tensor: HostTensor;
  /** Where it is a float initializer, brought into another form perhaps: then it can be learned. */
  readonly stored: Stored | undefined;

  constructor(tensor: HostTensor, stored?: Stored) {
    this.tensor = tensor;
    this.stored = stored;
  }
}

/** A value of the graph, or a tensor that is already known. */
export type Operand = Value | Known;

/** `[...]` */
export function shapeOf(operand: Operand): Shape {
  return operand instanceof Value ? operand.shape : operand.tensor.shape;
}

/** What the operand's numbers are. */
export function kindOfOperand(operand: Operand): Kind {
  if (operand instanceof Known) return operand.tensor.kind;
  if (operand.dtype === 'bool') return 'bool';
  return operand.dtype === 'float32' ? 'float' : 'int';
}
