// Matrix products -> Gemm
import type { OnnxKernel } from '../writer/writer.ts';

/** A product of two matrices, each possibly stored transposed. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]` */
export const matMul: OnnxKernel<'matMul'> = ({ attrs }, { inputs, outputs: [product] }, writer) => {
  const operands = inputs.map((value) => writer.full(value));
  const transposed = { transA: Number(attrs.transposeA), transB: Number(attrs.transposeB) };
  writer.set(product, writer.emit('Gemm', operands, transposed));
};

/** A fully connected layer. `x: [N, I], w: [O, I], bias: [O] -> [N, O]` */
export const dense: OnnxKernel<'dense'> = (_, { inputs, outputs: [y] }, writer) => {
  const operands = inputs.map((value) => writer.full(value));
  writer.set(y, writer.emit('Gemm', operands, { transB: 1 }));
};
