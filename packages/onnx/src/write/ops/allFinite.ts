// Tests that every input is finite -> one scaled sum over Concat. Small inputs are joined; large ones are first multiplied by a
// constant row, which reads them once and writes little. What another input would show is not read at all.
import type { ValueId } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import type { OnnxKernel, Writer } from '../writer/writer.ts';

/**
 * A power of two, so that scaling is exact. The largest float32 are below 2^128: scaled, a sum of fewer than 2^40 of them
 * cannot overflow. What becomes subnormal or 0 stays finite.
 */
const SCALE = 2 ** -40;

/** Inputs of fewer numbers are joined with the others. */
const LARGE = 16_384;

export const allFinite: OnnxKernel<'allFinite'> = (_, { inputs, outputs: [y] }, writer) => {
  const shown = shownBy(inputs, writer);
  const read = [...new Set(inputs)].filter((value) => !shown.has(value));
  const vectors = read.map((value) => vectorOf(value, writer));
  const [only] = vectors;
  const all = only && vectors.length === 1 ? only : writer.emit('Concat', vectors, { axis: 0 });
  // Infinities and NaN survive products and sums; infinities of both signs add up to NaN.
  const scaled = writer.emit('Mul', [all, writer.constant(scalar(SCALE))]);
  const sum = writer.emit('ReduceSum', [scaled, writer.int64([0])], { keepdims: 0 });
  // |x| < infinity, which is false for NaN too.
  writer.set(y, writer.emit('Less', [writer.emit('Abs', [sum]), writer.constant(scalar(Infinity))]));
};

/** A vector that is finite where the value is: the value itself, or, of many numbers, scaled sums. */
function vectorOf(value: ValueId, writer: Writer): string {
  const { name, dims } = writer.operand(value);
  // One number repeated.
  if (dims.length === 0) return writer.emit('Reshape', [name, writer.int64([1])]);
  const shape = writer.shape(value);
  const size = sizeOf(shape);
  const rows = size < LARGE ? 1 : rowsOf(size);
  const whole = writer.full(value);
  if (rows === 1) return shape.length === 1 ? whole : writer.emit('Reshape', [whole, writer.int64([-1])]);
  const matrix = writer.emit('Reshape', [whole, writer.int64([rows, size / rows])]);
  const row = writer.constant(float32([rows], new Float32Array(rows).fill(SCALE)));
  return writer.emit('MatMul', [row, matrix]);
}

/** A number of rows that makes the constant short and the products few: the smallest divisor from 8 on, if it is not large itself. */
function rowsOf(size: number): number {
  for (let rows = 8; rows <= 1024; rows++) {
    if (size % rows === 0) return rows;
  }
  return 1;
}

/**
 * The values that need not be read: others of the inputs are computed from them by sums, differences and products alone, which
 * are never finite where an operand is not. In a training step the new weights show the gradients and the slots.
 */
function shownBy(inputs: readonly ValueId[], writer: Writer): ReadonlySet<ValueId> {
  const shown = new Set<ValueId>();
  const visit = (value: ValueId): void => {
    for (const operand of strictOperands(value, writer)) {
      if (shown.has(operand)) continue;
      shown.add(operand);
      visit(operand);
    }
  };
  for (const value of new Set(inputs)) visit(value);
  return shown;
}

/** The operands of which every number has its part in the value. */
function strictOperands(value: ValueId, writer: Writer): readonly ValueId[] {
  const node = writer.producer(value);
  switch (node?.op) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'broadcast':
    case 'reshape':
    case 'transpose':
    case 'concat':
    case 'reduceSum':
    case 'stopGradient':
      return node.inputs;
    default:
      return [];
  }
}
