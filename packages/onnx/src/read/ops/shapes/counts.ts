// Shape, Size, NonZero and Identity.
import { sizeOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { eachPosition } from '../../host/numbers.ts';
import { hostTensor, intVector } from '../../hostTensor.ts';
import type { ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';

export const Shape: ReadOp = (node) => {
  const shape = node.shape(0);
  const { attributes } = node;
  const from = attributes.int('start', 0);
  const to = attributes.int('end', shape.length);
  return new Known(intVector(shape.slice(from, to)));
};

export const Size: ReadOp = (node) => new Known(hostTensor('int', [], [sizeOf(node.shape(0))]));

export const Identity: ReadOp = (node) => node.input(0);

export const NonZero: ReadOp = (node) => {
  const { shape, data } = node.host(0);
  const [rank, count] = [shape.length, Array.from(data).filter((x) => x !== 0).length];
  const positions = new Float64Array(spend(node, [rank, count]));
  const steps = shape.map((_, axis) => shape.map((__, other) => Number(other === axis)));
  let [at, found] = [0, 0];
  eachPosition(shape, steps, (position) => {
    if (data[at++] === 0) return;
    for (let axis = 0; axis < rank; axis++) positions[axis * count + found] = position[axis]!;
    found++;
  });
  return new Known(hostTensor('int', [rank, count], positions));
};
