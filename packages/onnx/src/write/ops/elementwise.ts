// Pointwise ops, a line each. ONNX's elementwise operators repeat smaller operands by themselves.
import type { Node } from '@isonet/core';
import { scalar } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import { only } from '../writer/lists.ts';
import type { OnnxKernels, Writer } from '../writer/writer.ts';

type Elementwise =
  | ('add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'equal' | 'greater' | 'select')
  | ('exp' | 'log' | 'sqrt' | 'tanh' | 'erf' | 'cast' | 'isFinite' | 'stopGradient' | 'broadcast')
  | ('relu' | 'leakyRelu' | 'sigmoid' | 'hardSigmoid' | 'clip');

export const elementwise: Pick<OnnxKernels, Elementwise> = {
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
  cast: (node, writer) => writer.elementwise('Cast', node, { to: elementTypes[node.attrs.to] }),
  // |x| < infinity, which is false for NaN too.
  isFinite: ({ inputs, outputs }, writer) => {
    const { name, dims } = writer.operand(only(inputs));
    const less = writer.emit('Less', [writer.emit('Abs', [name]), writer.constant(scalar(Infinity))]);
    writer.set(only(outputs), less, dims);
  },
  stopGradient: passOn,
  // Repeated by the operators that read it; Writer.full writes an Expand for those that do not.
  broadcast: passOn,

  relu: as('Relu'),
  leakyRelu: (node, writer) => writer.elementwise('LeakyRelu', node, { alpha: { float: node.attrs.alpha } }),
  sigmoid: as('Sigmoid'),
  hardSigmoid: (node, writer) => {
    const { alpha, beta } = node.attrs;
    writer.elementwise('HardSigmoid', node, { alpha: { float: alpha }, beta: { float: beta } });
  },
  clip: ({ inputs, outputs, attrs: { low, high } }, writer) => {
    const { name, dims } = writer.operand(only(inputs));
    const limits = [low, high].map((limit) => writer.constant(scalar(limit)));
    writer.set(only(outputs), writer.emit('Clip', [name, ...limits]), dims);
  },
};

/** The ONNX operator of this type, on the same operands. */
function as(opType: string): (node: Node, writer: Writer) => void {
  return (node, writer) => writer.elementwise(opType, node);
}

/** No operator: the result is the operand. */
function passOn({ inputs, outputs }: Node, writer: Writer): void {
  const { name, dims } = writer.operand(only(inputs));
  writer.set(only(outputs), name, dims);
}
