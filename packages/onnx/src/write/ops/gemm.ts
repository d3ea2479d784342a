// Matrix products -> Gemm
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

/** Either matrix may be stored transposed. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]` */
export function matMul({ inputs, outputs, attrs }: NodeOf<'matMul'>, writer: Writer): void {
  const operands = inputs.map((value) => writer.full(value));
  const transposed = { transA: Number(attrs.transposeA), transB: Number(attrs.transposeB) };
  writer.set(only(outputs), writer.emit('Gemm', operands, transposed));
}

/** A fully connected layer. `x: [N, I], w: [O, I], bias: [O] -> [N, O]` */
export function dense({ inputs, outputs }: NodeOf<'dense'>, writer: Writer): void {
  const operands = inputs.map((value) => writer.full(value));
  writer.set(only(outputs), writer.emit('Gemm', operands, { transB: 1 }));
}
