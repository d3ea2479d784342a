// Shape, Constant and Identity: operators that compute nothing.
import { intVector } from '../../hostTensor.ts';
import type { ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';

export const Shape: ReadOp = (node) => {
  const shape = node.shape(0);
  const { attributes } = node;
  const from = attributes.int('start', 0);
  const to = attributes.int('end', shape.length);
  return new Known(intVector(shape.slice(from, to)));
};

export const Constant: ReadOp = (node) => new Known(node.attributes.tensor('value'));

export const Identity: ReadOp = (node) => node.input(0);
