// How gradients emit a ConvTranspose. Runtimes differ in which of its attributes they take, so a lowering may do it another way.
import type { Pads, Pair } from '@isonet/core';
import type { OnnxAttrs } from '../writer/encode.ts';
import type { Writer } from '../writer/writer.ts';

/** A ConvTranspose to emit. */
export interface Transposed {
  /** `x: [N, K, OH, OW], w: [K, C / groups, KH, KW]` */
  readonly operands: readonly [x: string, w: string];
  readonly attrs: OnnxAttrs & { readonly pads: Pads };
  /** Height and width of the result. */
  readonly extent: Pair;
}

/** Emits it in any way that gives the same numbers. @returns the result's name */
export type EmitTransposed = (writer: Writer, transposed: Transposed) => string;

/** As it is. */
export const convTranspose: EmitTransposed = (writer, { operands, attrs }) =>
  writer.emit('ConvTranspose', operands, attrs);
