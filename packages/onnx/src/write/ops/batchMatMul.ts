// Matrix products pair by pair -> MatMul, which ONNX Runtime fuses with a preceding Transpose.
// `x: [B, M, K] (or [B, K, M]), y: [B, K, N] (or [B, N, K]) -> [B, M, N]`
import type { OnnxKernel } from '../writer/writer.ts';

export const batchMatMul: OnnxKernel<'batchMatMul'> = (
  { attrs: { transposeA, transposeB } },
  { inputs: [x, y], outputs: [product] },
  writer,
) => {
  const turned = (name: string): string => writer.emit('Transpose', [name], { perm: [0, 2, 1] });
  const [left, right] = [writer.full(x), writer.full(y)];
  const operands = [transposeA ? turned(left) : left, transposeB ? turned(right) : right];
  writer.set(product, writer.emit('MatMul', operands));
};
