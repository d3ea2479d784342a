// Elementwise operators with two or more operands, which broadcast.
import type { Value } from '@isonet/core';
import type { OnNumbers } from '../../host/numbers.ts';
import { onNumbers } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';
import { broadcastShape, spreadTo } from '../broadcasting.ts';
import { like } from './like.ts';
import { perChannel } from './perChannel.ts';

/** An operator with two operands. */
interface Binary {
  /** Emits the operator for operands of one shape; undefined if the graph has no op for it. */
  readonly emit?: (node: NodeReader, a: Value, b: Value) => Value;
  /** Returns the same function on numbers. */
  readonly number: (node: NodeReader, a: HostTensor) => (a: number, b: number) => number;
}

function binary({ emit, number }: Binary): ReadOp {
  return (node) => {
    const [a, b] = [node.known(0), node.known(1)];
    if (a && b) {
      sameKind(node);
      return new Known(onNumbers(node, [a, b], number(node, a)));
    }
    const shape = broadcastShape(node, [node.shape(0), node.shape(1)]);
    if (emit) return emit(node, spreadTo(node, 0, shape), spreadTo(node, 1, shape));
    throw node.fail('this operator is supported only for constants');
  };
}

/** Creates the reader of an operator with any number of operands. */
function variadic(
  emit: (node: NodeReader, values: readonly [Value, ...(readonly Value[])]) => Value,
  number: OnNumbers,
): ReadOp {
  return (node) => {
    const shape = broadcastShape(
      node,
      node.inputs.map((_, i) => node.shape(i)),
    );
    const known = node.inputs.flatMap((_, i) => node.known(i) ?? []);
    const [head, ...tail] = known;
    if (head && known.length === node.inputCount) {
      sameKind(node);
      return new Known(onNumbers(node, [head, ...tail], number));
    }
    const [first, ...others] = node.inputs.map((_, i) => spreadTo(node, i, shape));
    if (first) return emit(node, [first, ...others]);
    throw node.fail('expected an input, got none');
  };
}

function sameKind(node: NodeReader): void {
  const kinds = new Set(node.inputs.map((_, i) => node.kind(i)));
  if (kinds.size > 1) throw node.fail(`expected operands of one kind, got ${[...kinds].join(' and ')}`);
}

export const binaries: ReadOps = {
  Add: perChannel('bias', binary({ emit: ({ op }, a, b) => op.add(a, b), number: () => (a, b) => a + b })),
  Div: binary({ emit: ({ op }, a, b) => op.div(a, b), number: quotient }),
  Max: variadic((node, xs) => xs.reduce((x, y) => node.op.max(x, y)), Math.max),
  Mean: variadic(
    (node, xs) => mean(node, xs),
    (...xs) => sum(xs) / xs.length,
  ),
  Min: variadic((node, xs) => xs.reduce((x, y) => node.op.min(x, y)), Math.min),
  Mod: binary({ number: remainder }),
  Mul: perChannel('scale', binary({ emit: ({ op }, a, b) => op.mul(a, b), number: () => (a, b) => a * b })),
  Sub: binary({ emit: ({ op }, a, b) => op.sub(a, b), number: () => (a, b) => a - b }),
  Sum: variadic(
    (node, xs) => xs.reduce((x, y) => node.op.add(x, y)),
    (...xs) => sum(xs),
  ),
};

function mean(node: NodeReader, xs: readonly [Value, ...(readonly Value[])]): Value {
  const total = xs.reduce((x, y) => node.op.add(x, y));
  return xs.length === 1 ? total : node.op.div(total, like(node, xs.length, total));
}

function sum(xs: readonly number[]): number {
  return xs.reduce((total, x) => total + x, 0);
}

/** Returns the division for a kind. Integer division rounds toward 0. */
function quotient(node: NodeReader, { kind }: HostTensor): (a: number, b: number) => number {
  if (kind === 'float') return (a, b) => a / b;
  return (a, b) => {
    if (b === 0) throw node.fail('cannot divide an integer by 0');
    return Math.trunc(a / b);
  };
}

/**
 * Returns the remainder for a kind. By default, it has the sign of the divisor, as in Python; with fmod, it has the
 * sign of the dividend, as in C.
 */
function remainder(node: NodeReader, { kind }: HostTensor): (a: number, b: number) => number {
  const isC = node.attributes.int('fmod', 0) !== 0;
  return (a, b) => {
    if (b === 0 && kind === 'int') throw node.fail('cannot divide an integer by 0');
    const rest = a % b;
    return !isC && rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  };
}
