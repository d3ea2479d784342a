// Pointwise ops in the form of their operands: if one is in pixels, all are read in pixels, and the result is in pixels.
import type { Node, ValueId } from '@isonet/core';
import { defined, kernelFor, sizeOf } from '@isonet/core';
import type { Elementwise } from '../ops/elementwise.ts';
import { elementwise } from '../ops/elementwise.ts';
import { elementTypes } from '../writer/encode.ts';
import type { PointwiseWriter, Written } from '../writer/pointwise.ts';
import type { OnnxKernel, OnnxKernels, Writer } from '../writer/writer.ts';
import { writeElementwise } from '../writer/pointwise.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';

interface Values {
  readonly inputs: readonly ValueId[];
}

const following = (node: Node, { inputs }: Values, writer: Writer): void => {
  const kernel = defined(kernelFor(elementwise, node), `the pointwise kernel of ${node.op}`);
  kernel(same, same, targetFor(inputs, writer));
};

/** From this size on, a select with a scalar condition joins both sides and reads one of them. */
const LARGE = 2 ** 14;

/** With a single condition for all elements, copies one side, which is five times as fast as Where. */
const select: OnnxKernel<'select'> = (node, values, writer) => {
  const {
    inputs: [condition, ...sides],
    outputs: [y],
  } = values;
  const shape = writer.shape(y);
  const isOne = !inPixels(condition, writer) && writer.operand(condition).dims.length === 0;
  if (!isOne || sizeOf(shape) < LARGE || sides.some((side) => inPixels(side, writer))) {
    following(node, values, writer);
    return;
  }
  const rows = sides.map((side) => viewed(writer.full(side), [1, sizeOf(shape)], writer));
  const joined = writer.emit('Concat', rows.toReversed(), { axis: 0 });
  const index = writer.emit('Cast', [writer.operand(condition).name], { to: elementTypes.int32 });
  writer.set(y, viewed(writer.emit('Gather', [joined, index], { axis: 0 }), shape, writer));
};

/** A pixel repeated over its image stays in pixels: this occurs in the gradient of a mean over all pixels. */
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
  select,

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

/** Returns the writer for a pointwise op on these operands. */
export function targetFor(inputs: readonly ValueId[], writer: Writer): PointwiseWriter {
  return inputs.some((value) => inPixels(value, writer)) ? pixelWriter(writer) : writer;
}

function pixelWriter(writer: Writer): PointwiseWriter {
  const target: PointwiseWriter = {
    operand: (value) => operandOf(value, writer),
    emit: (opType, inputs, attrs) => writer.emit(opType, inputs, attrs),
    constant: (data) => writer.constant(data),
    // A value in pixels has all dims, and so does the result.
    set: (value, name) => setPixels(value, name, writer),
    elementwise: (opType, operands, attrs) => writeElementwise(target, opType, operands, attrs),
  };
  return target;
}

/** Returns an operand in pixels. A single number, or one per channel, broadcasts the same way in both forms. */
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
