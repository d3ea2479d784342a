// What pointwise kernels are written with, whatever layout their operands have.
import type { Tensor, ValueId } from '@isonet/core';
import type { Dims } from './dims.ts';
import { broadcastDims } from './dims.ts';
import type { OnnxAttrs } from './encode.ts';

/** The values of an elementwise op. */
export interface ElementwiseOperands {
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly [ValueId];
}

/** A value in ONNX: `dims` are the graph's, or fewer that broadcast to them ([] or size 1 on some axes). */
export interface Written {
  readonly name: string;
  readonly dims: Dims;
}

/** What pointwise kernels write into. */
export interface PointwiseWriter {
  /** The value as it is written, for an operator that broadcasts. */
  operand(value: ValueId): Written;
  /** A node with one result. @returns the result's name */
  emit(opType: string, inputs: readonly string[], attrs?: OnnxAttrs): string;
  /** A constant; the same data twice is one. */
  constant(data: Tensor): string;
  /** Names the result; by default it has all its dims. */
  set(value: ValueId, name: string, dims?: Dims): void;
  /** One operator on these operands; its result may be smaller than the graph's. */
  elementwise(opType: string, operands: ElementwiseOperands, attrs?: OnnxAttrs): void;
}

/**
 * `elementwise` of every {@link PointwiseWriter}.
 * @param nameBeside how an operand is called beside a result of these dims
 */
export function writeElementwise(
  writer: PointwiseWriter,
  opType: string,
  { inputs, outputs: [y] }: ElementwiseOperands,
  attrs: OnnxAttrs = {},
  nameBeside: (operand: Written, result: Dims) => string = ({ name }) => name,
): void {
  const operands = inputs.map((value) => writer.operand(value));
  const dims = broadcastDims(operands.map((operand) => operand.dims));
  const names = operands.map((operand) => nameBeside(operand, dims));
  writer.set(y, writer.emit(opType, names, attrs), dims);
}
