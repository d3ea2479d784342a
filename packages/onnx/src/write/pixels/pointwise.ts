// Pointwise ops in the form that their operands have: where one is in pixels, all are, and so is the result.
import type { Node, ValueId } from '@isonet/core';
import { defined, kernelFor } from '@isonet/core';
import type { Elementwise } from '../ops/elementwise.ts';
import { elementwise } from '../ops/elementwise.ts';
import type { OnnxKernel, OnnxKernels, PointwiseWriter, Writer, Written } from '../writer/writer.ts';
import { writeElementwise } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels } from './form.ts';

interface Values {
  readonly inputs: readonly ValueId[];
}

const following = (node: Node, { inputs }: Values, writer: Writer): void => {
  const kernel = defined(kernelFor(elementwise, node), `the pointwise kernel of ${node.op}`);
  const target = inputs.some((value) => inPixels(value, writer)) ? pixelWriter(writer) : writer;
  kernel(same, same, target);
};

/** A pixel repeated over its image stays in the form: the gradient of a mean over all pixels. */
const broadcast: OnnxKernel<'broadcast'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  const [from, to] = [writer.shape(x), writer.shape(y)];
  const isPixel = inPixels(x, writer) && from[0] === to[0] && from[2] === 1 && from[3] === 1;
  if (!isPixel) elementwise.broadcast(node, values, writer);
  else {
    const dims = writer.int64(pixelDims(writer.shape4(y)));
    setPixels(y, writer.emit('Expand', [pixelsOf(x, writer), dims]), writer);
  }
};

export const pointwise: Pick<OnnxKernels, Elementwise> = {
  add: following,
  sub: following,
  mul: following,
  div: following,
  max: following,
  min: following,
  equal: following,
  greater: following,
  select: following,

  exp: following,
  log: following,
  sqrt: following,
  tanh: following,
  erf: following,
  cast: following,
  isFinite: following,
  stopGradient: following,
  broadcast,

  relu: following,
  leakyRelu: following,
  sigmoid: following,
  hardSigmoid: following,
  clip: following,
};

/** Writes a pointwise op on operands in pixels. */
function pixelWriter(writer: Writer): PointwiseWriter {
  const target: PointwiseWriter = {
    operand: (value) => operandOf(value, writer),
    emit: (opType, inputs, attrs) => writer.emit(opType, inputs, attrs),
    constant: (data) => writer.constant(data),
    // Something in pixels has all dims, and so has the result.
    set: (value, name) => setPixels(value, name, writer),
    elementwise: (opType, operands, attrs) => writeElementwise(target, opType, operands, attrs),
  };
  return target;
}

/** One number, and one per channel, are repeated alike in both forms. */
function operandOf(value: ValueId, writer: Writer): Written {
  if (!inPixels(value, writer)) {
    const written = writer.operand(value);
    if (written.dims.every((dim, axis) => dim === 1 || axis === 1)) return written;
  }
  return { name: pixelsOf(value, writer), dims: pixelDims(writer.shape4(value)) };
}

function same(value: ValueId): ValueId {
  return value;
}
