// Pointwise ops, one line each: every element of the result is a function of the elements at the same position.
// `x, y, ...: [...] -> [...]`
import type { HostData, HostKernelTypes, Kernels, Tensor } from '@isonet/core';
import type { Kernel } from '../kernel.ts';
import { zerosOf, floats } from '../kernel.ts';
import { errorFunction } from './erf.ts';

/** The primitives that this table covers. */
type Pointwise =
  | 'add'
  | 'cast'
  | 'div'
  | 'equal'
  | 'erf'
  | 'exp'
  | 'greater'
  | 'isFinite'
  | 'log'
  | 'max'
  | 'min'
  | 'mul'
  | 'select'
  | 'sqrt'
  | 'stopGradient'
  | 'sub'
  | 'tanh';

type Unary = { readonly inputs: readonly [Tensor] };
type Binary = { readonly inputs: readonly [Tensor, Tensor] };

const unary =
  (f: (x: number) => number) =>
  (_: unknown, { inputs: [x] }: Unary): HostData =>
    floats(x).map((value) => f(value));

const binary =
  (f: (x: number, y: number) => number) =>
  (_: unknown, { inputs: [x, y] }: Binary): HostData => {
    const others = floats(y);
    return floats(x).map((value, i) => f(value, others[i]!));
  };

const comparison =
  (f: (x: number, y: number) => boolean) =>
  (_: unknown, { inputs: [x, y] }: Binary): HostData => {
    const others = floats(y);
    return Uint8Array.from(floats(x), (value, i) => Number(f(value, others[i]!)));
  };

const select: Kernel<'select'> = (_, { inputs: [condition, x, y] }) => {
  const others = floats(y);
  return floats(x).map((value, i) => (condition.data[i] === 0 ? others[i]! : value));
};

/** Converts by assignment: the typed array of the result converts each element to its dtype. */
const cast: Kernel<'cast'> = (_, { inputs: [x], outputs: [y] }) => {
  const data = zerosOf(y);
  data.set(x.data);
  return data;
};

const isFinite: Kernel<'isFinite'> = (_, { inputs: [x] }) =>
  Uint8Array.from(floats(x), (value) => Number(Number.isFinite(value)));

export const elementwise: Pick<Kernels<HostKernelTypes>, Pointwise> = {
  add: binary((x, y) => x + y),
  cast,
  div: binary((x, y) => x / y),
  equal: comparison((x, y) => x === y),
  erf: unary(errorFunction),
  exp: unary(Math.exp),
  greater: comparison((x, y) => x > y),
  isFinite,
  log: unary(Math.log),
  max: binary(Math.max),
  min: binary(Math.min),
  mul: binary((x, y) => x * y),
  select,
  sqrt: unary(Math.sqrt),
  stopGradient: unary((x) => x),
  sub: binary((x, y) => x - y),
  tanh: unary(Math.tanh),
};
