// Tests whether every input is finite -> one scaled sum over Concat. Small inputs are concatenated. Large ones are
// first multiplied by a constant row: the product reads them once and writes little. An input is skipped if any
// nonfinite value in it makes another input nonfinite, too.
import type { ValueId } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import type { OnnxKernel, Writer } from '../writer/writer.ts';

/**
 * A power of two, so that scaling is exact. Every float32 is below 2^128, so a scaled sum of fewer than 2^40 of them
 * cannot overflow. Scaled values that become subnormal or 0 are still finite.
 */
const SCALE = 2 ** -40;

/** Inputs with fewer elements are concatenated without a product. */
const LARGE = 16_384;

export const allFinite: OnnxKernel<'allFinite'> = (_, { inputs, outputs: [y] }, writer) => {
  const covered = coveredBy(inputs, writer);
  const read = [...new Set(inputs)].filter((value) => !covered.has(value));
  const vectors = read.map((value) => vectorOf(value, writer));
  const [only] = vectors;
  const all = only && vectors.length === 1 ? only : writer.emit('Concat', vectors, { axis: 0 });
  // Infinities and NaN survive products and sums. Infinities of opposite sign add up to NaN.
  const scaled = writer.emit('Mul', [all, writer.constant(scalar(SCALE))]);
  const sum = writer.emit('ReduceSum', [scaled, writer.int64([0])], { keepdims: 0 });
  // |x| < infinity, which is false for NaN too.
  writer.set(y, writer.emit('Less', [writer.emit('Abs', [sum]), writer.constant(scalar(Infinity))]));
};

/** Returns a vector that is finite if and only if the value is: the value itself, or scaled sums of a large one. */
function vectorOf(value: ValueId, writer: Writer): string {
  const { name, dims } = writer.operand(value);
  // A single repeated number.
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

/** Returns the smallest divisor of `size` from 8 to 1024, for a short constant row and few products; 1 if there is none. */
function rowsOf(size: number): number {
  for (let rows = 8; rows <= 1024; rows++) {
    if (size % rows === 0) return rows;
  }
  return 1;
}

/**
 * Returns the values that need not be read, because another input is computed from them using only sums, differences
 * and products, whose results are never finite if an operand is nonfinite. In a training step, the new weights cover
 * the gradients and the slots.
 */
function coveredBy(inputs: readonly ValueId[], writer: Writer): ReadonlySet<ValueId> {
  const covered = new Set<ValueId>();
  const visit = (value: ValueId): void => {
    for (const operand of strictOperands(value, writer)) {
      if (covered.has(operand)) continue;
      covered.add(operand);
      visit(operand);
    }
  };
  for (const value of new Set(inputs)) visit(value);
  return covered;
}

/** Returns the operands all of whose elements contribute to the value. */
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
