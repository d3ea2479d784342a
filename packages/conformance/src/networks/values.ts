// Initial values of networks under test. No tensor is all zeros, so that a forgotten value shows: a zero bias would
// hide a missing addition, and a zero velocity a missing read.
import type { Initializer, Model, Optimizer, Shape, Tensors } from '@isonet/core';
import { asFloat32, float32, slotName, stateOf } from '@isonet/core';
import { reals } from '../case/data.ts';

/** Returns initial parameters, buffers and, with an optimizer, its slots. */
export function startingValues(model: Model, weights: Initializer, optimizer?: Optimizer): Tensors {
  const { parameters, buffers } = stateOf(model);
  const draw = (name: string, shape: Shape, [low, high]: Range): Tensors => ({
    [name]: reals(`${model.name} ${name}`, shape, low, high),
  });
  const learned = parameters.map(({ name, shape, role }) => {
    if (role !== 'weight') return draw(name, shape, role === 'bias' ? BIAS : AROUND_1);
    const bound = weights.bound(shape);
    return draw(name, shape, [-bound, bound]);
  });
  const kept = buffers.map(({ name, shape, initial }) => draw(name, shape, initial === 0 ? BIAS : AROUND_1));
  const slots = parameters.flatMap(({ name, shape }) =>
    (optimizer?.slots ?? []).map((slot) => draw(slotName(slot, name), shape, SLOT)),
  );
  return Object.assign({}, ...learned, ...kept, ...slots) as Tensors;
}

type Range = readonly [low: number, high: number];
const BIAS: Range = [-0.1, 0.1];
const AROUND_1: Range = [0.5, 1.5];
const SLOT: Range = [-0.01, 0.01];

/** Rounds the reference's float64 values to float32, so that any device accepts them. */
export function inFloat32(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      tensor.dtype === 'float64' ? float32(tensor.shape, asFloat32(tensor)) : tensor,
    ]),
  );
}
