// The pointwise ops that are a single WGSL expression, one line each, and the ops that only alias their input. Comments state the
// accuracy that WGSL guarantees.
import type { DType } from '@isonet/core';
import type { Element, Lowered, NodeTensor, WgslKernels } from './kernel.ts';
import { f32 } from './kernel.ts';
import { pointwise } from './pointwise.ts';
import { RANKS } from './rank.ts';

type Elementwise =
  | ('add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'equal' | 'greater' | 'select')
  | ('exp' | 'log' | 'sqrt' | 'cast' | 'isFinite' | 'reshape' | 'stopGradient')
  | ('relu' | 'dropout' | 'sgdUpdate' | 'sgdMomentumUpdate');

export const elementwise: Pick<WgslKernels, Elementwise> = {
  add: binary('x + y'),
  sub: binary('x - y'),
  mul: binary('x * y'),
  div: binary('x / y'), // 2.5 ULP
  max: chosen('select(x, y, rank(y) > rank(x))'),
  min: chosen('select(x, y, rank_below(y) < rank_below(x))'),
  equal: binary('u32(x == y)', 'u32'),
  greater: binary('u32(x > y)', 'u32'),
  // Copied as bits, so that NaN is preserved.
  select: (_, { inputs: [condition, x, y], outputs: [z] }) =>
    pointwise({
      reads: { condition: [condition, 'u32'], x: [x, 'u32'], y: [y, 'u32'] },
      writes: [[z, 'u32', 'select(y, x, condition != 0u)']],
    }),

  exp: unary('exp(x)'), // 3 + 2 |x| ULP
  log: unary('log(x)'), // 3 ULP, and an absolute 2^-21 between 0.5 and 2
  sqrt: unary('sqrt(x)'), // as accurate as 1 / inverseSqrt(x): 4.5 ULP
  // WGSL converts as core does: floats are truncated towards 0. A bool is stored as a 32-bit 0 or 1, so bool -> int32 is a no-op.
  cast: ({ attrs: { to } }, { inputs: [x], outputs: [y] }) => {
    const [from, target] = [elementOf(x.dtype), elementOf(to)];
    if (from === 'u32' && target === 'i32') return { aliasOf: x };
    return pointwise({ reads: { x: [x, from] }, writes: [[y, target, `${target}(x)`]] });
  },
  // Tests the bits, because WGSL may assume that floats are neither NaN nor infinite.
  isFinite: (_, { inputs: [x], outputs: [y] }) =>
    pointwise({ reads: { x: [x, 'u32'] }, writes: [[y, 'u32', 'u32((x & 0x7f800000u) != 0x7f800000u)']] }),
  reshape: alias,
  stopGradient: alias,

  relu: (_, { inputs: [x], outputs: [y] }) =>
    pointwise({
      reads: { x: [x, 'u32'] },
      writes: [[y, 'u32', 'select(0u, x, rank(x) > rank(0u))']],
      functions: RANKS,
    }),
  dropout: ({ attrs: { rate } }, { inputs: [x, u], outputs: [y] }) =>
    pointwise({
      reads: { x: [x, 'f32'], u: [u, 'f32'] },
      writes: [[y, 'f32', 'select(x * params.scale, 0.0, u < params.rate)']],
      params: { rate: f32(rate), scale: f32(1 / (1 - rate)) },
    }),
  sgdUpdate: ({ attrs: { weightDecay } }, { inputs: [weight, gradient, lr], outputs: [next] }) =>
    pointwise({
      reads: { weight: [weight, 'f32'], gradient: [gradient, 'f32'], lr: [lr, 'f32'] },
      writes: [[next, 'f32', `weight - ${decayed(weightDecay)} * lr`]],
      params: { decay: f32(weightDecay) },
    }),
  sgdMomentumUpdate: ({ attrs: { momentum, nesterov, weightDecay } }, { inputs, outputs }) => {
    const [weight, gradient, velocity, lr] = inputs;
    const [nextWeight, nextVelocity] = outputs;
    const g = decayed(weightDecay);
    const next = `(velocity * params.momentum + ${g})`;
    const direction = nesterov ? `(${g} + ${next} * params.momentum)` : next;
    return pointwise({
      reads: {
        weight: [weight, 'f32'],
        gradient: [gradient, 'f32'],
        velocity: [velocity, 'f32'],
        lr: [lr, 'f32'],
      },
      writes: [
        [nextWeight, 'f32', `weight - ${direction} * lr`],
        [nextVelocity, 'f32', next],
      ],
      params: { momentum: f32(momentum), decay: f32(weightDecay) },
    });
  },
};

interface Unary {
  readonly inputs: readonly [x: NodeTensor];
  readonly outputs: readonly [y: NodeTensor];
}
interface Binary {
  readonly inputs: readonly [x: NodeTensor, y: NodeTensor];
  readonly outputs: readonly [z: NodeTensor];
}

/** An op on one float. */
function unary(expression: string): (node: unknown, operands: Unary) => Lowered {
  return (_, { inputs: [x], outputs: [y] }) =>
    pointwise({ reads: { x: [x, 'f32'] }, writes: [[y, 'f32', expression]] });
}

/** An op on two floats. */
function binary(expression: string, to: Element = 'f32'): (node: unknown, operands: Binary) => Lowered {
  return (_, { inputs: [x, y], outputs: [z] }) =>
    pointwise({ reads: { x: [x, 'f32'], y: [y, 'f32'] }, writes: [[z, to, expression]] });
}

/** An op that returns one of two floats, copied as bits. */
function chosen(expression: string): (node: unknown, operands: Binary) => Lowered {
  return (_, { inputs: [x, y], outputs: [z] }) =>
    pointwise({
      reads: { x: [x, 'u32'], y: [y, 'u32'] },
      writes: [[z, 'u32', expression]],
      functions: RANKS,
    });
}

function alias(_: unknown, { inputs: [x] }: Unary): Lowered {
  return { aliasOf: x };
}

function elementOf(dtype: DType): Element {
  if (dtype === 'float32') return 'f32';
  return dtype === 'int32' ? 'i32' : 'u32';
}

/** Returns the WGSL expression of the gradient with weight decay. */
function decayed(weightDecay: number): string {
  return weightDecay === 0 ? 'gradient' : '(gradient + weight * params.decay)';
}
