// Pointwise ops, one line each. ONNX's elementwise operators broadcast smaller operands.
import type { Kernel, OpName } from '@isonet/core';
import { scalar } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import type { ElementwiseOperands, PointwiseWriter } from '../writer/pointwise.ts';
import type { OnnxKernelTypes } from '../writer/writer.ts';

/** The types of pointwise kernels, which are the same for every form of their operands. */
interface PointwiseTypes extends Omit<OnnxKernelTypes, 'context'> {
  readonly context: PointwiseWriter;
}

/** The kernel of a pointwise op. It works in every layout of its operands. */
export type PointwiseKernel<K extends OpName> = Kernel<K, PointwiseTypes>;

/** The pointwise ops. */
export type Elementwise =
  | ('add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'equal' | 'greater' | 'select')
  | ('exp' | 'log' | 'sqrt' | 'tanh' | 'erf')
  | ('cast' | 'isFinite' | 'stopGradient' | 'broadcast')
  | ('relu' | 'leakyRelu' | 'sigmoid' | 'hardSigmoid' | 'clip');

/** The kernels of the pointwise ops, which are the same for every layout of the operands. */
export const elementwise: { readonly [K in Elementwise]: PointwiseKernel<K> } = {
  add: as('Add'),
  sub: as('Sub'),
  mul: as('Mul'),
  div: as('Div'),
  max: as('Max'),
  min: as('Min'),
  equal: as('Equal'),
  greater: as('Greater'),
  // Multiplying by the condition would be faster, but lets NaN through.
  select: as('Where'),

  exp: as('Exp'),
  log: as('Log'),
  sqrt: as('Sqrt'),
  tanh: as('Tanh'),
  erf: as('Erf'),
  cast: ({ attrs }, operands, writer) => writer.elementwise('Cast', operands, { to: elementTypes[attrs.to] }),
  // |x| < infinity, which is false for NaN too.
  isFinite: (_, { inputs: [x], outputs: [y] }, writer) => {
    const { name, dims } = writer.operand(x);
    const less = writer.emit('Less', [writer.emit('Abs', [name]), writer.constant(scalar(Infinity))]);
    writer.set(y, less, dims);
  },
  stopGradient: passThrough,
  // Operators that read the result broadcast it. For those that cannot, Writer.full writes an Expand.
  broadcast: passThrough,

  relu: as('Relu'),
  leakyRelu: ({ attrs }, operands, writer) =>
    writer.elementwise('LeakyRelu', operands, { alpha: { float: attrs.alpha } }),
  sigmoid: as('Sigmoid'),
  hardSigmoid: ({ attrs: { alpha, beta } }, operands, writer) =>
    writer.elementwise('HardSigmoid', operands, { alpha: { float: alpha }, beta: { float: beta } }),
  clip: ({ attrs: { low, high } }, { inputs: [x], outputs: [y] }, writer) => {
    const { name, dims } = writer.operand(x);
    const limits = [low, high].map((limit) => writer.constant(scalar(limit)));
    writer.set(y, writer.emit('Clip', [name, ...limits]), dims);
  },
};

/** Creates a kernel that writes the ONNX operator of this type on the same operands. */
function as(opType: string): (node: unknown, operands: ElementwiseOperands, writer: PointwiseWriter) => void {
  return (_, operands, writer) => writer.elementwise(opType, operands);
}

interface Unary {
  readonly inputs: readonly [number];
  readonly outputs: readonly [number];
}

/** Writes no operator: the result is the operand. */
function passThrough(_: unknown, { inputs: [x], outputs: [y] }: Unary, writer: PointwiseWriter): void {
  const { name, dims } = writer.operand(x);
  writer.set(y, name, dims);
}
