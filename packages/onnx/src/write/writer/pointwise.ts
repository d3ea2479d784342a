// The writer interface of pointwise kernels, independent of the layout of their operands.
import type { Tensor, ValueId } from '@isonet/core';
import type { Dims } from './dims.ts';
import { broadcastDims } from './dims.ts';
import type { OnnxAttrs } from './encode.ts';

/** The operands and the result of an elementwise op. */
export interface ElementwiseOperands {
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly [ValueId];
}

/** A value in ONNX. Its dims are the graph's, or smaller ones that broadcast to them ([] or size 1 along some axes). */
export interface Written {
  readonly name: string;
  readonly dims: Dims;
}

/** The target that pointwise kernels write to. */
export interface PointwiseWriter {
  /** Returns the value as written, for an operator that broadcasts. */
  operand(value: ValueId): Written;
  /** Writes a node with one result. @returns the result's name */
  emit(opType: string, inputs: readonly string[], attrs?: OnnxAttrs): string;
  /** Returns the name of a constant, shared by all constants with the same data. */
  constant(data: Tensor): string;
  /** Sets the name of the result. By default it has all its dims. */
  set(value: ValueId, name: string, dims?: Dims): void;
  /** Writes one operator on these operands. Its result may be smaller than in the graph. */
  elementwise(opType: string, operands: ElementwiseOperands, attrs?: OnnxAttrs): void;
}

/**
 * Implements `elementwise` for every {@link PointwiseWriter}.
 * @param operandName returns the name of an operand, given the dims of the result
 */
export function writeElementwise(
  writer: PointwiseWriter,
  opType: string,
  { inputs, outputs: [y] }: ElementwiseOperands,
  attrs: OnnxAttrs = {},
  operandName: (operand: Written, result: Dims) => string = ({ name }) => name,
): void {
  const operands = inputs.map((value) => writer.operand(value));
  const dims = broadcastDims(operands.map((operand) => operand.dims));
  const names = operands.map((operand) => operandName(operand, dims));
  writer.set(y, writer.emit(opType, names, attrs), dims);
}
