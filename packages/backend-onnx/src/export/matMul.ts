// The product of two matrices, each as it lies -> Gemm. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function matMul({ inputs, outputs, attrs }: NodeOf<'matMul'>, writer: Writer): void {
  const operands = inputs.map((value) => writer.full(value));
  const ways = { transA: Number(attrs.transposeA), transB: Number(attrs.transposeB) };
  writer.set(only(outputs), writer.emit('Gemm', operands, ways));
}
